# expects: q4c -> "sign" 0.5
import math


def logit_grads(z, y):
    p = 1 / (1 + math.exp(-z))
    return 2 * (y - p) * p * (1 - p), y - p
