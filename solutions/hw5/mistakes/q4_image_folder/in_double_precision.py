# expects: q4a -> "single" 15/16
_right = load_folder


def load_folder(root, size):
    X, y, classes = _right(root, size)
    return X.astype(np.float64), y, classes
