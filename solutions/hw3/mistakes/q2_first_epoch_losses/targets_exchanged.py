# expects: q2a -> "exchanged" 2/3
def initial_losses(p=0.5):
    return {"mse": (1 - p) ** 2, "bce_y1": -np.log(1 - p), "bce_y0": -np.log(p)}
