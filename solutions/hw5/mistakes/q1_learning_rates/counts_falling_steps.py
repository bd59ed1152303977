# expects: q1t.auto -> "falling" 0.5
def increase_fraction(losses):
    return float(np.mean(np.diff(losses) < 0))
