# expects: q3b -> "every" 0.4
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
import numpy as np


def per_class_accuracy(y_true, y_pred, n):
    return np.array([100 * np.mean((y_true == k) & (y_pred == k)) for k in range(n)])
