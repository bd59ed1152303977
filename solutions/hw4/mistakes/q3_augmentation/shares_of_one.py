# expects: q3b -> "share" 0.8
_whole = per_class_accuracy


def per_class_accuracy(y_true, y_pred, n):
    return _whole(y_true, y_pred, n) / 100
