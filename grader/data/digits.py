"""The stand-in for MNIST: digits drawn with a shaky pen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.data.raster import Plane, Rows, axis, labels, one_each, pixels

SIDE = 28  # pixels, as in MNIST

# Each digit as one stroke through these points; x to the right, y down, both from -1 to 1.
STROKES = (
    ((0, -1), (0.6, -0.6), (0.7, 0), (0.6, 0.6), (0, 1), (-0.6, 0.6), (-0.7, 0), (-0.6, -0.6), (0, -1)),
    ((-0.35, -0.6), (0.05, -1), (0.05, 0), (0.05, 1)),
    ((-0.6, -0.6), (-0.3, -0.95), (0.3, -0.95), (0.6, -0.55), (0.4, -0.1), (-0.6, 0.95), (0.65, 0.95)),
    ((-0.6, -0.8), (0, -1), (0.5, -0.7), (0.4, -0.25), (-0.1, -0.05), (0.5, 0.2), (0.55, 0.7), (0, 1), (-0.6, 0.8)),
    ((0.25, 1), (0.25, 0), (0.25, -1), (-0.65, 0.3), (0.7, 0.3)),
    ((0.6, -1), (-0.45, -1), (-0.5, -0.15), (0.15, -0.25), (0.6, 0.15), (0.5, 0.75), (-0.05, 1), (-0.6, 0.8)),
    ((0.4, -1), (-0.2, -0.6), (-0.55, 0.1), (-0.5, 0.7), (0, 1), (0.5, 0.75), (0.5, 0.3), (0.05, 0.05), (-0.5, 0.35)),
    ((-0.6, -1), (0, -1), (0.6, -1), (0.2, 0), (-0.15, 1)),
    (
        (0.1, 0),
        (-0.5, -0.4),
        (-0.3, -1),
        (0.4, -0.9),
        (0.4, -0.4),
        (-0.4, 0.4),
        (-0.4, 0.9),
        (0.3, 1),
        (0.6, 0.5),
        (0.1, 0),
    ),
    ((0.5, -0.35), (0, -0.05), (-0.5, -0.3), (-0.5, -0.75), (0, -1), (0.5, -0.7), (0.55, -0.1), (0.3, 0.6), (-0.3, 1)),
)


def digits(
    rng: np.random.Generator, n: int, *, wobble: float, shift: float, turn: float, pen: tuple[float, float]
) -> Rows:
    """Handwriting of sorts, white on black: `X: (n, 28, 28) uint8`, `y: (n,) int64`.

    The points of each stroke move by `wobble` (in half-heights, standard deviation); place (`shift`, pixels), angle
    (`turn`, radians), width, slant and the pen's half-width (`pen`, pixels) are random.
    """
    y = labels(rng, n, 10)
    X = np.empty((n, SIDE, SIDE), np.uint8)
    for digit, stroke in enumerate(STROKES):
        rows = np.flatnonzero(y == digit)
        m = len(rows)
        path = np.asarray(stroke, np.float32) + rng.normal(0, wobble, (m, len(stroke), 2)).astype(np.float32)
        angle = rng.uniform(-turn, turn, (m, 1))
        slant = rng.uniform(-0.3, 0.1, (m, 1))  # handwriting leans to the right
        wide, high = rng.uniform(7.0, 10.0, (m, 1)), rng.uniform(8.0, 10.0, (m, 1))  # MNIST's digits fit 20 x 20 pixels
        x0, y0 = (path[:, :, 0] + slant * path[:, :, 1]) * wide, path[:, :, 1] * high
        px = x0 * np.cos(angle) - y0 * np.sin(angle) + rng.uniform(-shift, shift, (m, 1))
        py = x0 * np.sin(angle) + y0 * np.cos(angle) + rng.uniform(-shift, shift, (m, 1))
        width = one_each(rng, m, *pen)
        ink = np.zeros((m, SIDE, SIDE), np.float32)
        for k in range(len(stroke) - 1):
            far = _distance(px[:, k : k + 2], py[:, k : k + 2])
            np.maximum(ink, np.clip(width - far + 0.5, 0, 1), out=ink)  # an edge one pixel soft
        X[rows] = pixels(ink * one_each(rng, m, 0.8, 1.0))
    return X, y


def _distance(px: NDArray[Any], py: NDArray[Any]) -> Plane:
    """From each pixel to the segment between two points, in pixels: `px, py: (m, 2)` -> `(m, 28, 28)`."""
    ax, ay = px[:, 0, None, None].astype(np.float32), py[:, 0, None, None].astype(np.float32)
    bx, by = px[:, 1, None, None].astype(np.float32) - ax, py[:, 1, None, None].astype(np.float32) - ay
    x, y = axis(SIDE) - ax, axis(SIDE)[:, None] - ay
    along = np.clip((x * bx + y * by) / np.maximum(bx * bx + by * by, 1e-6), 0, 1)  # 1e-6: two points may fall together
    far: Plane = np.hypot(x - along * bx, y - along * by)
    return far
