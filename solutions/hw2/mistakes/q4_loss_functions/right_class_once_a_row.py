# expects: q4b -> "each_class" 0.75
_right = multiclass_hinge


def multiclass_hinge(scores, y, margin=1.0):
    loss, gradient = _right(scores, y, margin)
    return loss, np.maximum(gradient, -1 / len(y))
