# expects: q2a -> "turned" 0.5
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
import math


def forward1():
    (i1, i2), (w1, w2, w3, w4, w5, w6) = GIVEN["i"], GIVEN["w"]
    h1, h2 = w1 * i2 + w2 * i1, w3 * i2 + w4 * i1
    z = w5 * h1 + w6 * h2
    p = 1 / (1 + math.exp(-z))
    return {"h1": h1, "h2": h2, "z": z, "p": p, "L": (GIVEN["y"] - p) ** 2}
