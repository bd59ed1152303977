# expects: q1p -> "stuck" 0
def escape_steps(opt, lr, start, limit=1000):
    y = start[1]
    for t in range(1, limit + 1):
        y -= lr * (2 * y if opt == "sgd" else 1 if y > 0 else -1 if y < 0 else 0)
        if abs(y) > 1:
            return t
    return None
