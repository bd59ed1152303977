# expects: q1a -> "flattest" 0.7
def max_stable_lr(eigs):
    return 2 / min(eigs)
