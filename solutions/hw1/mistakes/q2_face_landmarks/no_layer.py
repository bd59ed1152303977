# expects: q2a.code -> "far below zero" 0
def make_landmark_head(in_features, n_points):
    return nn.Identity()
