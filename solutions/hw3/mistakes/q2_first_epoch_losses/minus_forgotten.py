# expects: q2a -> "negative" 2/3
# expects: q2a.code -> "negative" 11/12
def initial_losses(p=0.5):
    return {"mse": (1 - p) ** 2, "bce_y1": np.log(p), "bce_y0": np.log(1 - p)}


_right = bce


def bce(p, y, eps=1e-12):
    loss, dp = _right(p, y, eps)
    return -loss, dp
