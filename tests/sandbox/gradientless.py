"""A nursery in which nothing can compute a gradient: `python -m tests.sandbox.gradientless`, in its place."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch

from grader.sandbox import nursery


def computes(*_: Any, **__: Any) -> None:
    raise RuntimeError("a gradient was computed")


if __name__ == "__main__":
    torch.Tensor.backward = computes  # type: ignore[method-assign]
    nursery.main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], [Path(node) for node in sys.argv[4:]])
