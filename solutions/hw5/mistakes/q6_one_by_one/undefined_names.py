# expects: q6j -> "NameError" 0
import torch


def conv1x1_demo(x, num_filters=32):
    layer = torch.nn.Conv2d(num_channels, num_filters, 1)  # noqa: F821 - the name is missing in the source's snippet too
    return torch.relu(layer(x))
