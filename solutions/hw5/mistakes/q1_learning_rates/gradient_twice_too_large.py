# expects: q1a -> "slope" 0.5
def gd_path(lam, lr, x0, steps):
    return [x0 * (1 - 2 * lr * lam) ** t for t in range(steps + 1)]
