# expects: q3b -> "sign" 3/7
_right = pool2d_backward


def pool2d_backward(dout, x, k, stride, mode):
    return -_right(dout, x, k, stride, mode)
