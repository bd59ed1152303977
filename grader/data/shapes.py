"""The stand-in for CIFAR-10: ten shapes and textures at random places, in random colours."""

from __future__ import annotations

import math

import numpy as np

from grader.data.raster import Plane, Rows, axis, labels, one_each, pixels, plane, soft

SIDE = 32  # pixels, as in CIFAR-10


def shapes(
    rng: np.random.Generator,
    n: int,
    *,
    noise: float,
    inverted: float,
    contrast: tuple[float, float],
    radius: tuple[float, float],
    shift: float,
    turn: float,
) -> Rows:
    """Ten kinds of shape or texture: `X: (n, 3, 32, 32) uint8`, `y: (n,) int64`.

    Place (up to `shift` pixels from the middle), size (`radius` in pixels), angle (up to `turn` radians), phase and
    both colours are random, and a share `inverted` is dark on light: neither the mean colour nor a template gives the
    class away. Every class is its own mirror image, so horizontal flips and crops keep the label.
    """
    y = labels(rng, n, 10)
    X = np.empty((n, 3, SIDE, SIDE), np.uint8)
    ramp = axis(SIDE) / SIDE
    for kind in range(10):
        rows = np.flatnonzero(y == kind)
        m = len(rows)
        u, v, scale = plane(rng, m, SIDE, radius, shift, turn)
        ink = _ink(kind, u, v, scale, rng)[:, None]
        ground = rng.uniform(0.2, 0.8, (m, 3, 1, 1))
        step = rng.uniform(0.2, 1.0, (m, 3, 1, 1)) * np.where(rng.random((m, 1, 1, 1)) < inverted, -1, 1)
        step *= rng.uniform(*contrast, (m, 1, 1, 1)) / np.linalg.norm(step, axis=1, keepdims=True)
        slope = rng.normal(0, 0.15, (m, 3, 2, 1, 1))  # light from one side, as in a photograph
        ground = ground + slope[:, :, 0] * ramp + slope[:, :, 1] * ramp[:, None]
        X[rows] = pixels(ground + step * ink + noise * rng.standard_normal((m, 3, SIDE, SIDE), np.float32))
    return X, y


def _ink(kind: int, u: Plane, v: Plane, scale: Plane, rng: np.random.Generator) -> Plane:
    """One of the ten, radius 1, as ink from 0 to 1; the textures' phases are random."""
    phase, other = one_each(rng, len(u), 0, 2 * math.pi), one_each(rng, len(u), 0, 2 * math.pi)
    r, square = np.hypot(u, v), np.maximum(abs(u), abs(v))
    disc = soft(1 - r, scale)
    match kind:
        case 0:
            return soft(0.8 - r, scale)  # disc
        case 1:
            return soft(0.2 - abs(r - 0.75), scale)  # ring
        case 2:
            return soft(0.72 - square, scale)  # square
        case 3:
            return disc * soft(np.sin(7 * u + phase) / 7, scale)  # stripes
        case 4:
            return soft(0.5 - np.maximum(v, 0.866 * abs(u) - 0.5 * v), scale)  # triangle; 0.866 is cos 30 degrees
        case 5:
            return disc * soft((np.cos(6 * u + phase) + np.cos(6 * v + other) - 0.6) / 7, scale)  # dots
        case 6:
            upright, level = np.minimum(0.24 - abs(u), 0.9 - abs(v)), np.minimum(0.24 - abs(v), 0.9 - abs(u))
            return soft(np.maximum(upright, level), scale)  # cross
        case 7:
            return disc * soft(np.sin(5.5 * u + phase) * np.sin(5.5 * v + other) / 4, scale)  # chequers
        case 8:
            return soft(0.17 - abs(square - 0.7), scale)  # frame
        case _:
            return disc * soft(np.cos(9 * r + phase) / 9, scale)  # circles around one another
