# expects: q3b -> "one_side" 0.7
def conv_nd_shape(in_shape, kernel, stride, padding):
    return tuple((n + p - k) // s + 1 for n, k, s, p in zip(in_shape, kernel, stride, padding, strict=True))
