# expects: q6b -> "axes" 0.5
def conv1x1(x, w, b):
    return x.permute(0, 2, 3, 1) @ w.T + b
