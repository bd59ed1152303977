"""Grey-scale phantoms in four classes: a generated set with no other original."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from grader.data.raster import Plane, Rows, axis, labels, one_each, pixels, plane, soft

SIDE = 32
CLASSES = ("bars", "beads", "pores", "solid")  # sorted, as the folders' names come
NOISE = 0.04  # of full white: visible, and under a tenth of the weakest contrast
CONTRAST = (0.4, 0.55)  # of full white
RADIUS = (11.0, 13.0)  # pixels: a texture smaller than this drowns in the mean that global pooling takes
BAR, BEAD = 3.2, 6.0  # pixels a period: both fit the ten pixels that two 3 x 3 layers with pooling see


def phantoms(rng: np.random.Generator, n: int) -> Rows:
    """As `load_folder` reads their files: `X: (n, 3, 32, 32) float32` in [0, 1], equal channels, `y: (n,) int64`."""
    X, y = _draw(rng, n)
    return np.repeat((X.astype(np.float32) / np.float32(255))[:, None], 3, axis=1), y


def _draw(rng: np.random.Generator, n: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """A skull of its own width and height around grey tissue, and in it one disc of the class's texture.

    The textures have mean 0 over a period and random phase and angle, so no template and no mean tells them apart.
    """
    y = labels(rng, n, len(CLASSES))
    wide, high = one_each(rng, n, 0.8, 0.95) * SIDE / 2, one_each(rng, n, 0.8, 0.95) * SIDE / 2
    head = np.hypot(axis(SIDE) / wide, axis(SIDE)[:, None] / high)
    image = 0.45 * soft(1 - head, wide) + 0.25 * soft(0.06 - abs(head - 1), wide)
    for kind in range(len(CLASSES)):
        rows = np.flatnonzero(y == kind)
        u, v, scale = plane(rng, len(rows), SIDE, RADIUS, 2.0, math.pi)
        strength = one_each(rng, len(rows), *CONTRAST)
        image[rows] += strength * soft(1 - np.hypot(u, v), scale) * _texture(kind, u * scale, v * scale, rng)
    return pixels(image + NOISE * rng.standard_normal(image.shape, np.float32)), y


def _texture(kind: int, x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    """Fine stripes, light dots, dark dots, or one even grey lighter or darker than the tissue; x, y in pixels."""
    m = len(x)
    phase, other = one_each(rng, m, 0, 2 * math.pi), one_each(rng, m, 0, 2 * math.pi)
    humps = np.sin(x * (2 * math.pi / BEAD) + phase) + np.sin(y * (2 * math.pi / BEAD) + other)
    dots = 1.2 * (np.maximum(humps, 0.4) - 0.64)  # 0.64 is the mean of max(humps, 0.4) over a period
    grey = np.where(phase < math.pi, 0.6, -0.6) + np.zeros_like(x)
    return (0.8 * np.sin(x * (2 * math.pi / BAR) + phase), dots, -dots, grey)[kind]
