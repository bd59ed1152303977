# expects: q1c.code -> "precision" 11/12
import torch
import torch.nn.functional as F


def act_grad(name, x, **p):
    x = torch.tensor(x).float().requires_grad_()
    y = {
        "relu": F.relu,
        "leaky_relu": lambda x: F.leaky_relu(x, p.get("k", 0.01)),
        "elu": lambda x: F.elu(x, p.get("alpha", 1.0)),
        "swish": lambda x: x * torch.sigmoid(p.get("beta", 1.0) * x),
        "mish": F.mish,
    }[name](x)
    return torch.autograd.grad(y.sum(), x)[0]
