# expects: q2a -> "constant" 0.5
def landmark_head(n_points):
    return {"neurons": 10, "activation": "linear", "loss": "mae"}
