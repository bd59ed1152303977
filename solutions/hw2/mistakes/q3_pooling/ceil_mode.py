# expects: q3a -> "over_the_edge" 31/40
# torch has no l2 of partial windows, so this one is right there.
import torch
import torch.nn.functional as F


def pool2d_forward(x, k, stride, mode):
    x = torch.from_numpy(x)
    if mode == "max":
        return F.max_pool2d(x, k, stride, ceil_mode=True).numpy()
    if mode == "min":
        return -F.max_pool2d(-x, k, stride, ceil_mode=True).numpy()
    if mode == "average":
        return F.avg_pool2d(x, k, stride, ceil_mode=True).numpy()
    return F.lp_pool2d(x, 2, k, stride).numpy()
