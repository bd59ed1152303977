# expects: q2a -> "unscaled" 0.5
def landmark_head(n_points):
    return {"neurons": 2 * n_points, "activation": "sigmoid", "loss": "smooth_l1"}
