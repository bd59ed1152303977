# expects: q2a -> "xy" 0.3
def landmark_head(n_points):
    return {"neurons": n_points, "activation": "linear", "loss": "mse"}
