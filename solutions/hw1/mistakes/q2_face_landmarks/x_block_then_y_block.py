# expects: q2b.code -> "order" 0.2
def euclidean_landmark_loss(pred, target):
    difference = (pred - target).reshape(len(pred), 2, -1)
    return (difference.square().sum(dim=1) + 1e-12).sqrt().mean()
