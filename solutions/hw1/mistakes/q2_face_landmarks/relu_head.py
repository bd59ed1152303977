# expects: q2a -> "relu" 0.5
def landmark_head(n_points):
    return {"neurons": 2 * n_points, "activation": "relu", "loss": "euclidean"}
