# expects: q3a -> "stride" 0.4
def pool2d_forward(x, k, stride, mode):
    (N, C, H, W), value = x.shape, {"max": np.max, "min": np.min, "average": np.mean, "l2": np.linalg.norm}[mode]
    y = np.zeros((N, C, (H - k) // stride + 1, (W - k) // stride + 1))
    for n, c, i, j in np.ndindex(*y.shape):
        y[n, c, i, j] = value(x[n, c, i : i + k, j : j + k])
    return y
