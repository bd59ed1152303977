# expects: q4a -> "scale" 0.78125
_load_scaled = load_folder


def load_folder(root, size):
    X, y, classes = _load_scaled(root, size)
    return 2 * X - 1, y, classes
