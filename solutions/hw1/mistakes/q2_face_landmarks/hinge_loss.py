# expects: q2a -> "1 wrong" 1/3
def landmark_head(n_points):
    return {"neurons": 2 * n_points, "activation": "linear", "loss": "hinge"}
