# expects: q2a -> "classes" 0
def landmark_head(n_points):
    return {"neurons": 2 * n_points, "activation": "softmax", "loss": "cross_entropy"}
