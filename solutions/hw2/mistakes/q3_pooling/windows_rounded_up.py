# expects: q3a -> "over_the_edge" 0.7
# As in the statement, but with a ceiling for the floor: the slices are cut off at the edge.
def pool2d_forward(x, k, stride, mode):
    value = {"max": np.max, "min": np.min, "average": np.mean, "l2": np.linalg.norm}[mode]
    N, C, *sides = x.shape
    y = np.zeros((N, C, *(-((k - side) // stride) + 1 for side in sides)))
    for n, c, i, j in np.ndindex(*y.shape):
        y[n, c, i, j] = value(x[n, c, i * stride : i * stride + k, j * stride : j * stride + k])
    return y
