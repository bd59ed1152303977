# expects: q4a -> "axes" 0.78125
_load_channels_first = load_folder


def load_folder(root, size):
    X, y, classes = _load_channels_first(root, size)
    return np.ascontiguousarray(X.transpose(0, 2, 3, 1)), y, classes
