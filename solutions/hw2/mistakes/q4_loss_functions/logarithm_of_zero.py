# expects: q4a -> "vanished" 0.7
import numpy as np


def softmax_ce(logits, y):
    rows = np.arange(len(y))
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[rows, y]).mean()
    p[rows, y] -= 1
    return loss, p / len(y)
