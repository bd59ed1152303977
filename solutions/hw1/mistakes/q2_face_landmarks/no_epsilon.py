# expects: q2b.code -> "corner" 0.8
def euclidean_landmark_loss(pred, target):
    difference = (pred - target).reshape(len(pred), -1, 2)
    return difference.square().sum(dim=-1).sqrt().mean()
