# expects: q2a -> "half" 13/15
# expects: q2a.code -> "half" 0.8
def initial_losses(p=0.5):
    return {"mse": (1 - p) ** 2 / 2, "bce_y1": -np.log(p), "bce_y0": -np.log(1 - p)}


def mse(p, y):
    return np.mean((p - y) ** 2) / 2, (p - y) / p.size
