# expects: q2a -> "sigmoid" 139/320
# The units are lost, the sum and the loss follow from them, and half of the output is kept.
from math import exp


def _squash(z):
    return 1 / (1 + exp(-z))


def forward1():
    h1, h2 = _squash(1.3), _squash(2.9)
    z = 0.5 * h1 + 0.6 * h2
    return {"h1": h1, "h2": h2, "z": z, "p": _squash(z), "L": (1 - _squash(z)) ** 2}
