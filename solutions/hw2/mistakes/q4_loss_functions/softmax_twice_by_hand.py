# expects: q4a -> "twice" 0.3
import numpy as np


def softmax_ce(logits, y):
    rows = np.arange(len(y))
    shifted = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(shifted)
    p /= p.sum(axis=1, keepdims=True)
    q = np.exp(p)
    q /= q.sum(axis=1, keepdims=True)
    loss = -np.log(q[rows, y]).mean()
    q[rows, y] -= 1
    return loss, q / len(y)
