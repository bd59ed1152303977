# expects: q4a -> "names" 0.8125
_whole = load_folder


def load_folder(root, size):
    images, y, names = _whole(root, size)
    return images, y, [os.path.join(root, name) for name in names]
