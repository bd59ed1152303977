"""A network of one's own as a student writes it, inputs for it, and what is drawn to prove it."""

from __future__ import annotations

from typing import Any

import numpy as np

BLOCK = '''
import torch
from torch import nn

class Block(nn.Module):
    """Two branches side by side."""
    def __init__(self, channels=3):
        super().__init__()
        self.one = nn.Conv2d(channels, 4, 1)
        self.three = nn.Conv2d(channels, 4, 3, padding=1)

    def forward(self, x):
        if x.shape[2] < 3:
            raise ValueError("at least 3 x 3")
        return torch.cat([self.one(x), torch.relu(self.three(x))], 1)

def build(channels=3):
    return Block(channels)
'''
COUNT = 3 * 4 + 4 + 27 * 4 + 4


def draw() -> np.random.Generator:
    return np.random.default_rng(7)


def images(*shape: int) -> Any:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)
