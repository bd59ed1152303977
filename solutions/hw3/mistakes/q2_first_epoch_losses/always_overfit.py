# expects: q2b -> 0
def diagnose(train, val):
    return "overfit"
