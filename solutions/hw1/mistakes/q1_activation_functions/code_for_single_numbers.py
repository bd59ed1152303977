# expects: q1c.code -> "TypeError" 0
import math


def act_grad(name, x, **p):
    s = 1 / (1 + math.exp(-x))
    return s + x * s * (1 - s)
