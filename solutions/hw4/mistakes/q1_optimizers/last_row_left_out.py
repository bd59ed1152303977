# expects: q1b -> "last_row" 0.5
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
import numpy as np


def adagrad_lr(history, lr, eps):
    return lr / (np.sqrt(np.sum(history[:-1] ** 2, axis=0)) + eps)
