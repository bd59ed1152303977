# expects: q2a.code -> "pairs" 0.8
def make_landmark_head(in_features, n_points):
    return nn.Sequential(nn.Linear(in_features, 2 * n_points), nn.Unflatten(1, (n_points, 2)))
