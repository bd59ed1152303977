# expects: q1a -> "start" 0.85
def gd_path(lam, lr, x0, steps):
    return [x0 * (1 - lr * lam) ** t for t in range(1, steps + 1)]
