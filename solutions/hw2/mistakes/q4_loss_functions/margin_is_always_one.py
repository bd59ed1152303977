# expects: q4b -> "not right" 0
import numpy as np


def multiclass_hinge(scores, y, margin=1.0):
    rows = np.arange(len(y))
    gaps = np.maximum(0, scores - scores[rows, y][:, None] + 1.0)
    gaps[rows, y] = 0
    dscores = (gaps > 0).astype(float)
    dscores[rows, y] = -dscores.sum(axis=1)
    return gaps.sum() / len(y), dscores / len(y)
