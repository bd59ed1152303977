# expects: q2.code -> "turned" 0.5
import numpy as np


def conv_gap_backward(X, F):
    a, b = F.shape
    turned = F[::-1, ::-1]
    rows, columns = X.shape[0] - a + 1, X.shape[1] - b + 1
    dX, dF = np.zeros_like(X), np.zeros_like(F)
    for i in range(rows):
        for j in range(columns):
            dF += X[i : i + a, j : j + b] / (rows * columns)
            dX[i : i + a, j : j + b] += turned / (rows * columns)
    return dX, dF
