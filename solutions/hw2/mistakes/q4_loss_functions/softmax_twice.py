# expects: q4a -> "twice" 0.3
import torch


def softmax_ce(logits, y):
    leaf = torch.tensor(logits, requires_grad=True)
    loss = torch.nn.functional.cross_entropy(leaf.softmax(dim=1), torch.from_numpy(y))
    loss.backward()
    return loss.item(), leaf.grad.numpy()
