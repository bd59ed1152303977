# expects: q2a -> "rounded too early" 65/72
def initial_losses(p=0.5):
    return {"mse": round((1 - p) ** 2, 3), "bce_y1": round(-np.log(p), 2), "bce_y0": round(-np.log(1 - p), 2)}
