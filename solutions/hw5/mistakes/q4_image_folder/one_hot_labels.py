# expects: q4a -> "one_each" 0.59375
_load_numbered = load_folder


def load_folder(root, size):
    X, y, classes = _load_numbered(root, size)
    return X, np.eye(len(classes), dtype=np.int64)[y], classes
