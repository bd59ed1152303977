# expects: q6j -> "not_a_map" 0
import torch


def conv1x1_demo(x, num_filters=32):
    return torch.relu(torch.nn.Conv2d(x.shape[1], num_filters, kernel_size=1)(x)).tolist()
