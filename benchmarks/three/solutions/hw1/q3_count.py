"""How many parameters a small network has."""

import torch


def build():
    """q3: a network conv 3-6 k5, ReLU, pool 2, conv 6-16 k5, ReLU, pool 2, flatten, dense 400-120-84-10 with ReLUs."""
    # BEGIN SOLUTION
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip
    # END SOLUTION
