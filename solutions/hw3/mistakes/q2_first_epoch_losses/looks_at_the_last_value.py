# expects: q2b -> "wrong"
def diagnose(train, val):
    w = len(train) // 5
    if train[-1] < 0.99 * train[-w - 1]:
        if val[-1] > 1.02 * min(val):
            return "overfit"
        if val[-1] < 0.99 * val[-w - 1]:
            return "still learning"
    return "converged"
