# expects: q2a.code -> "more than 1 value" 0.6
# A batch of one row cannot be normalised, and what is normalised does not grow with its inputs.
def make_landmark_head(in_features, n_points):
    return nn.Sequential(nn.BatchNorm1d(in_features, affine=False), nn.Linear(in_features, 2 * n_points))
