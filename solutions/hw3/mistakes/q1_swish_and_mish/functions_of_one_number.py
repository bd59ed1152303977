# expects: q1a -> "ValueError" 5/12
# expects: q1a.plot -> "ValueError" 0
# expects: q1b.plot -> "ValueError" 0
import math


def swish(x):
    return x / (1 + math.exp(-x)) if x > 0 else x * math.exp(x) / (1 + math.exp(x))


def mish(x):
    return x * math.tanh(math.log1p(math.exp(x))) if x < 20 else x
