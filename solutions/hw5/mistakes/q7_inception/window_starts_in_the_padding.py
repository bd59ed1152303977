# expects: q7b -> "start" 0.8
import math


def conv_out(n, k, stride, padding, dilation=1, ceil=False):
    return (math.ceil if ceil else math.floor)((n + 2 * padding - dilation * (k - 1) - 1) / stride) + 1
