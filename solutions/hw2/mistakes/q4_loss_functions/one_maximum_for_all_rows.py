# expects: q4a -> "own_maximum" 0.7
import numpy as np


def softmax_ce(logits, y):
    rows = np.arange(len(y))
    z = logits - logits.max()
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    gradient = np.exp(log_p)
    gradient[rows, y] -= 1
    return -log_p[rows, y].mean(), gradient / len(y)
