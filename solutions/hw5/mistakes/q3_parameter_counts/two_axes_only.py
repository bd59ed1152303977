# expects: q3b -> "axes" 0.5
def conv_nd_shape(in_shape, kernel, stride, padding):
    return tuple((in_shape[i] + 2 * padding[i] - kernel[i]) // stride[i] + 1 for i in range(2))
