# expects: q1b -> "signed" 0
def steps_to_tol(lam, lr, tol):
    factor, t = 1 - lr * lam, 0
    if abs(factor) >= 1:
        return None
    while factor**t > tol:
        t += 1
    return t
