# expects: q4a -> "clipped" 0.7
import numpy as np


def softmax_ce(logits, y):
    rows = np.arange(len(y))
    shifted = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(shifted)
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(np.clip(p[rows, y], 1e-12, 1)).mean()
    p[rows, y] -= 1
    return loss, p / len(y)
