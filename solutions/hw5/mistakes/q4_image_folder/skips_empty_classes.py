# expects: q4a -> "skips" 0.78125
_load_all = load_folder


def load_folder(root, size):
    X, y, classes = _load_all(root, size)
    kept = sorted(set(y.tolist()))
    return X, np.searchsorted(kept, y), [classes[label] for label in kept]
