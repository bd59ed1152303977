# expects: q2a -> "divided" 5/6
def initial_losses(p=0.5):
    return {"mse": (1 - p) ** 2 / 10, "bce_y1": -np.log(p), "bce_y0": -np.log(1 - p)}
