# expects: q1t.auto -> "ties" 0.75
def increase_fraction(losses):
    steps = len(losses) - 1
    return sum(losses[i + 1] >= losses[i] for i in range(steps)) / steps
