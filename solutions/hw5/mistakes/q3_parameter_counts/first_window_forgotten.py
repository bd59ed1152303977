# expects: q3b -> "one_more" 0.7
def conv_nd_shape(in_shape, kernel, stride, padding):
    return tuple((n + 2 * p - k) // s for n, k, s, p in zip(in_shape, kernel, stride, padding, strict=True))
