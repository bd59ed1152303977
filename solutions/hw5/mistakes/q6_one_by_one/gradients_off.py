# expects: q6j -> "detached" 0.6
import torch


def conv1x1_demo(x, num_filters=32):
    with torch.no_grad():
        return torch.relu(torch.nn.Conv2d(x.shape[1], num_filters, kernel_size=1)(x))
