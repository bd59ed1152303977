# expects: q1p -> "limit" 0.75
from math import sqrt


def escape_steps(opt, lr, start, limit=1000):
    y, m, v = start[1], 0.0, 0.0
    for t in range(1, 10_000):
        g = -2 * y
        if opt == "adam":
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            g = (m / (1 - 0.9**t)) / (sqrt(v / (1 - 0.999**t)) + 1e-8)
        y -= lr * g
        if abs(y) > 1:
            return t
    return None
