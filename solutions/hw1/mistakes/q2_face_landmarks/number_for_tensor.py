# expects: q2b.code -> "gradient" 0.8
_loss = euclidean_landmark_loss  # the solution's, which stands before this file


def euclidean_landmark_loss(pred, target):
    return float(_loss(pred, target))
