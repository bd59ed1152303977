# expects: q2a -> 1
def landmark_head(n_points):
    return {"neurons": 2 * n_points, "activation": "sigmoid", "loss": "mae", "normalized": True}
