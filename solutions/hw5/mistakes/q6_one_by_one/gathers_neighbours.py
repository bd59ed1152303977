# expects: q6j -> "neighbours" 0.4
import torch


def conv1x1_demo(x, num_filters=32):
    layer = torch.nn.Conv2d(x.shape[1], num_filters, kernel_size=3, padding=1)
    return torch.relu(layer(x))
