# expects: q2b -> "wrong"
def diagnose(train, val):
    if np.mean(val[-10:]) > 1.02 * min(val):
        return "overfit"
    return "still learning" if _falls(val) else "converged"
