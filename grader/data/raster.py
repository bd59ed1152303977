"""The drawing tools that all generated pictures share: random streams, soft edges, turned and moved coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = tuple[NDArray[Any], NDArray[np.int64]]  # what every generator returns: X (n, ...), y (n,)
Plane = NDArray[Any]  # one number a pixel, float32


def stream(seed: int) -> np.random.Generator:
    """The Philox generator of a seed: the same numbers on every machine with the same numpy."""
    return np.random.Generator(np.random.Philox(key=seed))


def labels(rng: np.random.Generator, n: int, classes: int) -> NDArray[np.int64]:
    """`n` labels in a random order, each class as often as the others, give or take one."""
    return rng.permutation(np.arange(n, dtype=np.int64) % classes)


def pixels(image: NDArray[Any]) -> NDArray[np.uint8]:
    """Ink from 0 to 1 as bytes; what lies outside is cut off."""
    whole: NDArray[np.uint8] = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    return whole


def axis(side: int) -> Plane:
    """The centres of `side` pixels, counted from the middle of the picture."""
    return np.arange(side, dtype=np.float32) - np.float32((side - 1) / 2)


def one_each(rng: np.random.Generator, m: int, low: float, high: float) -> Plane:
    """One uniform number a picture, `(m, 1, 1)`, ready to meet its pixels."""
    return rng.uniform(low, high, (m, 1, 1)).astype(np.float32)


def plane(
    rng: np.random.Generator, m: int, side: int, radius: tuple[float, float], shift: float, turn: float
) -> tuple[Plane, Plane, Plane]:
    """Coordinates in units of each figure's own radius: u, v `(m, side, side)` and the radius in pixels `(m, 1, 1)`.

    The radius is drawn from `radius` (pixels), the place within `shift` pixels of the middle, the angle within `turn`.
    """
    scale, angle = one_each(rng, m, *radius), one_each(rng, m, -turn, turn)
    x = (axis(side) - one_each(rng, m, -shift, shift)) / scale
    y = (axis(side)[:, None] - one_each(rng, m, -shift, shift)) / scale
    return x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle), scale


def soft(inside: Plane, scale: Plane) -> Plane:
    """1 inside (positive), 0 outside, an edge of about one pixel; `inside` is a distance in units of `scale` pixels."""
    ink: Plane = 1 / (1 + np.exp(-np.clip(2.5 * inside * scale, -30, 30)))  # beyond 30 it is 0 or 1 in float32
    return ink
