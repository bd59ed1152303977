# expects: q2b -> 0
_whole = diagnose


def diagnose(train, val):
    return {"overfit": "overfitting", "still learning": "underfitting", "converged": "done"}[_whole(train, val)]
