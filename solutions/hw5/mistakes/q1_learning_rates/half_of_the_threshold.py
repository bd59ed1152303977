# expects: q1a -> "half" 0.75
def max_stable_lr(eigs):
    return 1 / max(eigs)
