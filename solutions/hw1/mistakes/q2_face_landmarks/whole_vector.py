# expects: q2b.code -> "whole" 0.4
def euclidean_landmark_loss(pred, target):
    return torch.linalg.norm(pred - target, dim=1).mean()
