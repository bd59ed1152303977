# expects: q2a.code -> "no_bias" 0.8
def make_landmark_head(in_features, n_points):
    return nn.Linear(in_features, 2 * n_points, bias=False)
