"""A hand-in of our own, such as students write: the nursery answers for it before it answers for anybody else's."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
import torch
from torch import nn


def derivative() -> Any:
    x = sympy.Symbol("x", real=True)
    return sympy.diff(x / (1 + sympy.exp(-x)), x)


def products(X: Any, F: Any) -> Any:
    rows = [[float((X[i : i + 2, j : j + 2] * F).sum()) for j in range(3)] for i in range(3)]
    return np.array(rows), {"shape": X.shape, "words": ["valid", True, None]}


def gradient(X: Any) -> Any:
    x = torch.tensor(X, requires_grad=True)
    torch.sigmoid(x).mean().backward()  # type: ignore[no-untyped-call]
    return x.grad


class Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, width, 3), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(2))
        self.head = nn.Linear(9 * width, 10)

    def forward(self, x: torch.Tensor) -> Any:
        return self.head(torch.flatten(self.body(x), 1))


def build() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Dropout(), nn.Linear(36, 10))
