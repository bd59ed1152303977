# expects: q4a -> "pair" 0
# expects: q4b -> "pair" 0
import torch
import torch.nn.functional as F


def softmax_ce(logits, y):
    return F.cross_entropy(torch.from_numpy(logits), torch.from_numpy(y))


def multiclass_hinge(scores, y, margin=1.0):
    return F.multi_margin_loss(torch.from_numpy(scores), torch.from_numpy(y), margin=margin)
