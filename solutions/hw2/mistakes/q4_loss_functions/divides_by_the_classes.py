# expects: q4b -> "classes" 0.7
import torch


def multiclass_hinge(scores, y, margin=1.0):
    leaf = torch.tensor(scores, requires_grad=True)
    loss = torch.nn.functional.multi_margin_loss(leaf, torch.from_numpy(y), margin=margin)
    loss.backward()
    return loss.item(), leaf.grad.numpy()
