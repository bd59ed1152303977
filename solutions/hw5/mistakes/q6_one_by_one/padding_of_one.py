# expects: q6j -> "padding" 0.6
import torch


def conv1x1_demo(x, num_filters=32):
    layer = torch.nn.Conv2d(x.shape[1], num_filters, kernel_size=1, padding=1)
    return torch.relu(layer(x))
