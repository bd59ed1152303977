# expects: q4a -> "names" 0.59375
_load_named = load_folder


def load_folder(root, size):
    X, y, classes = _load_named(root, size)
    return X, y, [os.path.join(root, name) for name in classes]
