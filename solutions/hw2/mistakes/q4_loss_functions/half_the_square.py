# expects: q4c -> "halved" 0.85
import math


def logit_grads(z, y):
    p = 1 / (1 + math.exp(-z))
    return (p - y) * p * (1 - p), p - y
