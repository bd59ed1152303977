# expects: q2a -> "dying" 0.5
def landmark_head(n_points):
    return {"neurons": 2 * n_points, "activation": "relu", "loss": "mse", "normalised": True}
