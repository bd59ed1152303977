# expects: q2a.code -> "squashed" 0.6
def make_landmark_head(in_features, n_points):
    return nn.Sequential(nn.Linear(in_features, 2 * n_points), nn.Sigmoid())
