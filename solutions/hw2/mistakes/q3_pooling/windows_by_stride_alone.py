# expects: q3a -> "count" 0.7
def pool2d_forward(x, k, stride, mode):
    (N, C, H, W), value = x.shape, {"max": np.max, "min": np.min, "average": np.mean, "l2": np.linalg.norm}[mode]
    y = np.zeros((N, C, H // stride, W // stride))
    for n, c, i, j in np.ndindex(*y.shape):
        y[n, c, i, j] = value(x[n, c, i * stride : i * stride + k, j * stride : j * stride + k])
    return y
