# expects: q6j -> "relu" 0.8
import torch


def conv1x1_demo(x, num_filters=32):
    return torch.nn.Conv2d(x.shape[1], num_filters, kernel_size=1)(x)
