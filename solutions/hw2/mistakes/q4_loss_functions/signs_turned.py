# expects: q4a -> "negative" 0.35
_right = softmax_ce


def softmax_ce(logits, y):
    loss, gradient = _right(logits, y)
    return -loss, -gradient
