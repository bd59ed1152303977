# expects: q1b -> "signed" 0
def steps_to_tol(lam, lr, tol):
    factor = 1 - lr * lam
    if factor == 0:
        return 1
    return int(np.ceil(np.log(tol) / np.log(factor))) if 0 < factor < 1 else None
