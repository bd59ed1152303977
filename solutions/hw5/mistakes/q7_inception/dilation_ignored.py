# expects: q7b -> "spread" 0.7
def conv_out(n, k, stride, padding, dilation=1, ceil=False):
    room = n + 2 * padding - k
    if not ceil:
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride >= n + padding else windows
