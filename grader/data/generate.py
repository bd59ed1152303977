"""Generated sets: what stands in for a real one that is not here, and the phantoms, which have no other original.

Each generator takes a numpy Generator, the number of rows and the card's parameters, and returns rows in a random order
with classes as even as the number allows: `X` with the real set's shape and dtype, `y: (n,) int64`. They are made to be
learnt by a small network and not by a linear one; `benchmarks/standins.py` measures both.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from grader.errors import DataError

Rows = tuple[NDArray[Any], NDArray[np.int64]]
Plane = NDArray[np.float32]

SIDE = 32  # pixels of a coloured image and of a phantom, as in CIFAR-10
PHANTOM_CLASSES = ("cyst", "mass", "mesh", "streak")  # in sorted order, as the folders' names come


def generate(generator: str, parameters: Mapping[str, Any], n: int) -> Rows:
    """`n` rows of the named generator, the same for the same parameters (their `seed` is the Philox key).

    Raises DataError for an unknown generator or parameter: both come from a card, which a person can edit.
    """
    if generator not in GENERATORS:
        raise DataError(f"There is no generator {generator!r}; a card may name {', '.join(GENERATORS)}.")
    rest = {key: value for key, value in parameters.items() if key != "seed"}
    rng = _stream(int(parameters.get("seed", 0)))
    try:
        return GENERATORS[generator](rng, n, **rest)
    except TypeError as fault:
        raise DataError(f"The generator {generator!r} does not take these parameters: {fault}.") from fault


def shapes(
    rng: np.random.Generator,
    n: int,
    *,
    noise: float = 0.08,
    inverted: float = 0.15,
    contrast: tuple[float, float] = (0.25, 0.6),
    radius: tuple[float, float] = (8.0, 12.0),
    shift: float = 5.0,
    turn: float = 0.4,
) -> Rows:
    """Ten kinds of shape or texture in random colours: `X: (n, 3, 32, 32) uint8`.

    Place (up to `shift` pixels), size (`radius` in pixels), angle (up to `turn` radians), phase and both colours are
    random, and a share `inverted` is dark on light, so that neither the mean colour nor a template gives the class away.
    Every class is its own mirror image, so horizontal flips and crops keep the label.
    """
    y = _labels(rng, n, 10)
    X = np.empty((n, 3, SIDE, SIDE), np.uint8)
    ramp = (np.arange(SIDE, dtype=np.float32) - SIDE / 2) / SIDE
    for kind in range(10):
        rows = np.flatnonzero(y == kind)
        m = len(rows)
        u, v, scale = _plane(rng, m, radius, shift, turn)
        ink = _shape(kind, u, v, scale, rng)[:, None]
        colour = rng.uniform(0.2, 0.8, (m, 3, 1, 1))
        step = rng.uniform(0.2, 1.0, (m, 3, 1, 1)) * np.where(rng.random((m, 1, 1, 1)) < inverted, -1, 1)
        step *= rng.uniform(*contrast, (m, 1, 1, 1)) / np.linalg.norm(step, axis=1, keepdims=True)
        slope = rng.normal(0, 0.15, (m, 3, 2, 1, 1))  # light from one side, as in a photograph
        image = colour + slope[:, :, 0] * ramp + slope[:, :, 1] * ramp[:, None]
        X[rows] = _bytes(image + step * ink + noise * rng.standard_normal((m, 3, SIDE, SIDE), np.float32))
    return X, y


def phantoms(
    rng: np.random.Generator,
    n: int,
    *,
    noise: float = 0.05,
    contrast: tuple[float, float] = (0.25, 0.4),
    inverted: float = 0.3,
) -> Rows:
    """Grey-scale phantoms with one lesion of four kinds: `X: (n, 3, 32, 32) float32` in [0, 1], equal channels.

    What `load_folder` makes of the folder of `phantom_files`: multiples of 1/255.
    """
    X, y = _phantoms(rng, n, noise, contrast, inverted)
    scaled = X.astype(np.float32) / np.float32(255)
    return np.repeat(scaled[:, None], 3, axis=1), y


def phantom_images(seed: int, n: int, **parameters: Any) -> Rows:
    """`n` phantoms as a PNG holds them: `X: (n, 32, 32) uint8`, `y: (n,) int64`, the index into PHANTOM_CLASSES."""
    return _phantoms(_stream(seed), n, **({"noise": 0.05, "contrast": (0.25, 0.4), "inverted": 0.3} | parameters))


def phantom_files(seed: int, n: int, **parameters: Any) -> dict[str, bytes]:
    """The same phantoms as a folder of PNG files: {"cyst/0003.png": bytes, ...}, one folder a class."""
    X, y = phantom_images(seed, n, **parameters)
    files = {}
    for number, (image, label) in enumerate(zip(X, y, strict=True)):
        png = io.BytesIO()
        Image.fromarray(image).save(png, "PNG")
        files[f"{PHANTOM_CLASSES[label]}/{number:04d}.png"] = png.getvalue()
    return dict(sorted(files.items()))


def digits(
    rng: np.random.Generator,
    n: int,
    *,
    wobble: float = 0.09,
    shift: float = 1.5,
    turn: float = 0.2,
    pen: tuple[float, float] = (0.9, 1.8),
) -> Rows:
    """Digits drawn with a shaky pen, white on black: `X: (n, 28, 28) uint8`.

    The corner points of each digit's stroke move by `wobble` (half-heights); place, angle, width, slant and the pen's
    half-width (`pen`, pixels) are random.
    """
    side = 28
    y = _labels(rng, n, 10)
    X = np.empty((n, side, side), np.uint8)
    axis = np.arange(side, dtype=np.float32) - (side - 1) / 2
    for digit, stroke in enumerate(STROKES):
        rows = np.flatnonzero(y == digit)
        m = len(rows)
        path = np.asarray(stroke, np.float32) + rng.normal(0, wobble, (m, len(stroke), 2)).astype(np.float32)
        angle = rng.uniform(-turn, turn, (m, 1))
        slant = rng.uniform(-0.3, 0.1, (m, 1))  # handwriting leans to the right
        wide, high = rng.uniform(7.0, 10.0, (m, 1)), rng.uniform(8.0, 10.0, (m, 1))  # pixels: MNIST's digits fit 20 x 20
        x0, y0 = (path[:, :, 0] + slant * path[:, :, 1]) * wide, path[:, :, 1] * high
        px = x0 * np.cos(angle) - y0 * np.sin(angle) + rng.uniform(-shift, shift, (m, 1))
        py = x0 * np.sin(angle) + y0 * np.cos(angle) + rng.uniform(-shift, shift, (m, 1))
        width = rng.uniform(*pen, (m, 1, 1)).astype(np.float32)
        ink = np.zeros((m, side, side), np.float32)
        for k in range(len(stroke) - 1):
            far = _distance(axis, px[:, k : k + 2], py[:, k : k + 2])
            np.maximum(ink, np.clip(width - far + 0.5, 0, 1), out=ink)  # an edge one pixel soft
        X[rows] = _bytes(ink * rng.uniform(0.8, 1.0, (m, 1, 1)))
    return X, y


def phones(rng: np.random.Generator, n: int, *, noise: float = 0.25) -> Rows:
    """A price table with the real set's 20 columns and ranges: `X: (n, 20) float32`, `y` the quarter of a noisy price.

    The price is linear in the columns counted in their own spreads, so columns of small numbers (cores, clock) weigh as
    much as those of large ones: a network on raw columns learns badly, on standardised ones well.
    """
    table = {
        name: low + (high - low) * rng.integers(0, steps, n) / (steps - 1) for name, (low, high, steps) in PHONE.items()
    }
    table["px_height"] = np.rint(table["px_height"] * table["px_width"] / 1998)  # no screen is higher than wide
    table["sc_w"] = np.rint(table["sc_w"] * table["sc_h"] / 19)
    table["fc"] = np.rint(table["fc"] * table["pc"] / 20)  # the front camera is the lesser one
    table["four_g"] *= table["three_g"]
    X = np.stack([table[name] for name in PHONE], axis=1)
    spread = (X - X.mean(0)) / X.std(0)
    price = spread @ np.array([PRICE.get(name, 0.0) for name in PHONE])
    price = price / price.std() + rng.normal(0, noise, n)
    y = np.argsort(np.argsort(price)) * 4 // n
    return X.astype(np.float32), y.astype(np.int64)


GENERATORS: dict[str, Callable[..., Rows]] = {"shapes": shapes, "digits": digits, "phones": phones, "phantoms": phantoms}

# Column: lowest, highest, number of different values; as in the real table.
PHONE = {
    "battery_power": (501, 1998, 1498),
    "blue": (0, 1, 2),
    "clock_speed": (0.5, 3.0, 26),
    "dual_sim": (0, 1, 2),
    "fc": (0, 19, 20),
    "four_g": (0, 1, 2),
    "int_memory": (2, 64, 63),
    "m_dep": (0.1, 1.0, 10),
    "mobile_wt": (80, 200, 121),
    "n_cores": (1, 8, 8),
    "pc": (0, 20, 21),
    "px_height": (0, 1960, 1961),
    "px_width": (500, 1998, 1499),
    "ram": (256, 3998, 3743),
    "sc_h": (5, 19, 15),
    "sc_w": (0, 18, 19),
    "talk_time": (2, 20, 19),
    "three_g": (0, 1, 2),
    "touch_screen": (0, 1, 2),
    "wifi": (0, 1, 2),
}
PRICE = {"ram": 1.0, "battery_power": 0.5, "px_width": 0.4, "int_memory": 0.5, "clock_speed": 0.6, "n_cores": 0.6, "m_dep": -0.5}

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
    ((0.1, 0), (-0.5, -0.4), (-0.3, -0.95), (0.4, -0.9), (0.45, -0.4), (-0.45, 0.35), (-0.4, 0.9), (0.3, 1), (0.6, 0.5), (0.1, 0)),
    ((0.5, -0.35), (0, -0.05), (-0.5, -0.3), (-0.5, -0.75), (0, -1), (0.5, -0.7), (0.55, -0.1), (0.3, 0.6), (-0.3, 1)),
)


def _stream(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=seed))


def _labels(rng: np.random.Generator, n: int, classes: int) -> NDArray[np.int64]:
    return rng.permutation(np.arange(n, dtype=np.int64) % classes)


def _bytes(image: NDArray[Any]) -> NDArray[np.uint8]:
    return np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)


def _plane(
    rng: np.random.Generator, m: int, radius: tuple[float, float], shift: float, turn: float
) -> tuple[Plane, Plane, Plane]:
    """Coordinates in units of each shape's own radius, turned and moved: u, v `(m, 32, 32)`; the radius `(m, 1, 1)`."""
    axis = np.arange(SIDE, dtype=np.float32) - (SIDE - 1) / 2
    scale = rng.uniform(*radius, (m, 1, 1)).astype(np.float32)
    angle = rng.uniform(-turn, turn, (m, 1, 1)).astype(np.float32)
    x = (axis - rng.uniform(-shift, shift, (m, 1, 1)).astype(np.float32)) / scale
    y = (axis[:, None] - rng.uniform(-shift, shift, (m, 1, 1)).astype(np.float32)) / scale
    return x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle), scale


def _soft(inside: Plane, scale: Plane) -> Plane:
    """1 inside (positive), 0 outside, an edge of about one pixel; `inside` is a distance in units of `scale` pixels."""
    return 1 / (1 + np.exp(-np.clip(2.5 * inside * scale, -30, 30)))


def _shape(kind: int, u: Plane, v: Plane, scale: Plane, rng: np.random.Generator) -> Plane:
    """One of ten shapes and textures of radius 1 as ink between 0 and 1; the textures' phases are random."""
    phase, other = rng.uniform(0, 2 * math.pi, (2, len(u), 1, 1)).astype(np.float32)
    r, square = np.hypot(u, v), np.maximum(abs(u), abs(v))
    disc = _soft(1 - r, scale)
    match kind:
        case 0:
            return _soft(0.8 - r, scale)  # disc
        case 1:
            return _soft(0.2 - abs(r - 0.75), scale)  # ring
        case 2:
            return _soft(0.72 - square, scale)  # square
        case 3:
            return disc * _soft(np.sin(7 * u + phase) / 7, scale)  # stripes
        case 4:
            return _soft(0.5 - np.maximum(v, 0.866 * abs(u) - 0.5 * v), scale)  # triangle
        case 5:
            return disc * _soft((np.cos(6 * u + phase) + np.cos(6 * v + other) - 0.6) / 7, scale)  # dots
        case 6:
            bars = np.maximum(np.minimum(0.24 - abs(u), 0.9 - abs(v)), np.minimum(0.24 - abs(v), 0.9 - abs(u)))
            return _soft(bars, scale)  # cross
        case 7:
            return disc * _soft(np.sin(5.5 * u + phase) * np.sin(5.5 * v + other) / 4, scale)  # chequers
        case 8:
            return _soft(0.17 - abs(square - 0.7), scale)  # frame
        case _:
            return disc * _soft(np.cos(9 * r + phase) / 9, scale)  # circles in one another


def _phantoms(
    rng: np.random.Generator, n: int, noise: float, contrast: tuple[float, float], inverted: float
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    y = _labels(rng, n, len(PHANTOM_CLASSES))
    axis = (np.arange(SIDE, dtype=np.float32) - (SIDE - 1) / 2) / (SIDE / 2)
    wide, high = rng.uniform(0.75, 0.9, (2, n, 1, 1)).astype(np.float32)
    head = np.hypot(axis / wide, axis[:, None] / high)
    pixels = np.full((n, 1, 1), SIDE / 2 * 0.8, np.float32)
    image = 0.45 * _soft(1 - head, pixels) + 0.3 * _soft(0.06 - abs(head - 1), pixels)  # tissue, and bone around it
    for kind in range(len(PHANTOM_CLASSES)):
        rows = np.flatnonzero(y == kind)
        u, v, scale = _plane(rng, len(rows), (5.0, 7.0), 5.0, math.pi)
        sign = np.where(rng.random((len(rows), 1, 1)) < inverted, -1, 1) * rng.uniform(*contrast, (len(rows), 1, 1))
        image[rows] += sign * _lesion(kind, u, v, scale, rng)
    return _bytes(image + noise * rng.standard_normal(image.shape, np.float32)), y


def _lesion(kind: int, u: Plane, v: Plane, scale: Plane, rng: np.random.Generator) -> Plane:
    """A ring, a disc, a lattice or stripes, each with about the same area of ink."""
    phase, other = rng.uniform(0, 2 * math.pi, (2, len(u), 1, 1)).astype(np.float32)
    r = np.hypot(u, v)
    match kind:
        case 0:
            return _soft(0.25 - abs(r - 0.75), scale)
        case 1:
            return _soft(0.75 - r, scale)
        case 2:
            return _soft(1 - r, scale) * _soft(np.sin(6 * u + phase) * np.sin(6 * v + other) / 4, scale)
        case _:
            return _soft(1 - r, scale) * _soft(np.sin(8 * u + phase) / 8, scale)


def _distance(axis: Plane, px: NDArray[Any], py: NDArray[Any]) -> Plane:
    """From each pixel to the segment between two points: `px, py: (m, 2)` in pixels -> `(m, side, side)`."""
    ax, ay = px[:, 0, None, None].astype(np.float32), py[:, 0, None, None].astype(np.float32)
    bx, by = px[:, 1, None, None].astype(np.float32) - ax, py[:, 1, None, None].astype(np.float32) - ay
    x, y = axis - ax, axis[:, None] - ay
    along = np.clip((x * bx + y * by) / np.maximum(bx * bx + by * by, 1e-6), 0, 1)
    return np.hypot(x - along * bx, y - along * by)
