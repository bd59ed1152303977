# expects: q2a -> "zero" 5/6
def initial_losses(p=0.5):
    return {"mse": p**2, "bce_y1": -np.log(p), "bce_y0": -np.log(1 - p)}
