# expects: q2.code -> "windows" 0.4
import torch


def conv_gap_backward(X, F):
    X, F = torch.tensor(X, requires_grad=True), torch.tensor(F, requires_grad=True)
    torch.nn.functional.conv2d(X[None, None], F[None, None]).sum().backward()
    return X.grad.numpy(), F.grad.numpy()
