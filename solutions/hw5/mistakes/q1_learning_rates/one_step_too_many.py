# expects: q1b -> "one_off" 0.7
def steps_to_tol(lam, lr, tol):
    factor = abs(1 - lr * lam)
    if factor >= 1:
        return None
    t, left = 1, 1.0
    while left > tol:
        left *= factor
        t += 1
    return t
