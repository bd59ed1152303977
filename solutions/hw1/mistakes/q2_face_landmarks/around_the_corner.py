# expects: q2b.code -> "straight" 0.2
def euclidean_landmark_loss(pred, target):
    return (pred - target).abs().reshape(len(pred), -1, 2).sum(dim=-1).mean()
