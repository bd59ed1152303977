# expects: q7b -> "plain" 0.5
def conv_out(n, k, stride, padding, dilation=1, ceil=False):
    return (n + 2 * padding - k) // stride + 1
