# expects: q1c.auto -> "compose" 0.3
def grad_through_depth(act, depth, x):
    return float(SLOPES[act][1](x)) ** depth
