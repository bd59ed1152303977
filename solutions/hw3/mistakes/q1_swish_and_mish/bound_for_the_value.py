# expects: q1c.auto -> "bound" 0.4
def grad_through_depth(act, depth, x):
    return 0.25**depth
