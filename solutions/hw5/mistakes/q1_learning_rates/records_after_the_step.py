# expects: q1t.auto -> "afterwards" 0.8
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
import numpy as np


def loss_curve(batch, seed):
    A, y = least_squares(seed)
    w, losses = np.zeros(5), []
    for rows in batch_rows(batch, seed):
        w = w - 0.05 * A[rows].T @ (A[rows] @ w - y[rows]) / batch
        losses.append(np.mean((A[rows] @ w - y[rows]) ** 2) / 2)
    return losses
