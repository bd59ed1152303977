# expects: q4c -> "by_p" 0.4
import math


def logit_grads(z, y):
    p = 1 / (1 + math.exp(-z))
    return 2 * (p - y), (p - y) / (p * (1 - p))
