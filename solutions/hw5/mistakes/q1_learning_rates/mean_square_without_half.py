# expects: q1t.auto -> "double" 0.8
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
import numpy as np


def loss_curve(batch, seed):
    A, y = least_squares(seed)
    w, losses = np.zeros(5), []
    for rows in batch_rows(batch, seed):
        losses.append(np.mean((A[rows] @ w - y[rows]) ** 2))
        w = w - 0.05 * A[rows].T @ (A[rows] @ w - y[rows]) / batch
    return losses
