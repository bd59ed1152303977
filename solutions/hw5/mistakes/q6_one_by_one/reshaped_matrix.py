# expects: q6b -> "transposed" 0.4
def conv1x1(x, w, b):
    n, c, h, wide = x.shape
    matrix = w.reshape(c, -1)
    y = x.permute(0, 2, 3, 1).reshape(-1, c) @ matrix + b
    return y.reshape(n, h, wide, -1).permute(0, 3, 1, 2)
