# expects: q2f -> "one_by_one" 0.5
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
def train_tiny(w0, i, y, lr, epochs):
    w, path = list(w0), {"p": [], "L": [], "w": []}
    for _ in range(epochs):
        f = _forward(w, i, y)
        delta = 2 * (f["p"] - y) * f["p"] * (1 - f["p"])
        w[:4] = [old - lr * delta * w[4 + n // 2] * i[n % 2] for n, old in enumerate(w[:4])]
        moved = _forward(w, i, y)
        w[4:] = [w[4] - lr * delta * moved["h1"], w[5] - lr * delta * moved["h2"]]
        for name, value in (("p", f["p"]), ("L", f["L"]), ("w", list(w))):
            path[name].append(value)
    return path
