# expects: q1b -> "unstable" 0
import math


def steps_to_tol(lam, lr, tol):
    factor = abs(1 - lr * lam)
    return 1 if factor == 0 else math.ceil(math.log(tol) / -abs(math.log(factor) or 1))
