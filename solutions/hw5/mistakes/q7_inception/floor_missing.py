# expects: q7b -> "whole" 0.4
def conv_out(n, k, stride, padding, dilation=1, ceil=False):
    return (n + 2 * padding - dilation * (k - 1) - 1) / stride + 1
