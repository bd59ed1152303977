# expects: q2a -> "log2" 2/3
def initial_losses(p=0.5):
    return {"mse": (1 - p) ** 2, "bce_y1": -np.log2(p), "bce_y0": -np.log2(1 - p)}
