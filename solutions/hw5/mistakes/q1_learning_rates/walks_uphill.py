# expects: q1a -> "uphill" 0.5
def gd_path(lam, lr, x0, steps):
    path = [x0]
    for _ in range(steps):
        path.append(path[-1] + lr * lam * path[-1])
    return path
