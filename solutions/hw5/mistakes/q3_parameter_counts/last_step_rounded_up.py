# expects: q3b -> "dropped" 0.7
import math


def conv_nd_shape(in_shape, kernel, stride, padding):
    return tuple(
        math.ceil((n + 2 * p - k) / s) + 1 for n, k, s, p in zip(in_shape, kernel, stride, padding, strict=True)
    )
