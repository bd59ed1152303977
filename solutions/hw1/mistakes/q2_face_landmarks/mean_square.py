# expects: q2b.code -> "root" 0.2
def euclidean_landmark_loss(pred, target):
    return (pred - target).square().mean()
