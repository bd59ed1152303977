# expects: q2b.code -> "mean" 0.6
def euclidean_landmark_loss(pred, target):
    difference = (pred - target).reshape(len(pred), -1, 2)
    return (difference.square().sum(dim=-1) + 1e-12).sqrt().sum()
