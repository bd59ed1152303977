# expects: q2.code -> "order" 0.5
_both = conv_gap_backward


def conv_gap_backward(X, F):
    return _both(X, F)[::-1]
