# expects: q6b -> "in_place" 0.925
import numpy as np


def batch_norm_1d(x, gamma, beta, eps):
    x -= x.mean(axis=0)
    return gamma * x / np.sqrt((x * x).mean(axis=0) + eps) + beta
