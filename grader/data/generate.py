"""Generated sets by name: what stands in for a real set that is not here. `benchmarks/standins.py` measures them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

import numpy as np

from grader.data.digits import digits
from grader.data.phantoms import phantoms
from grader.data.phones import phones
from grader.data.raster import Rows, stream
from grader.data.shapes import shapes
from grader.errors import DataError

GENERATORS: dict[str, Callable[..., Rows]] = {
    "shapes": shapes,
    "digits": digits,
    "phones": phones,
    "phantoms": phantoms,
}


def generate(generator: str, parameters: Mapping[str, Any], n: int, *, seed: int = 0) -> Rows:
    """`n` rows `(X, y)` of the named generator in a random order, classes even; equal for equal arguments and numpy.

    Raises DataError for an unknown generator or parameters that it cannot be run with: both come from a card.
    """
    if generator not in GENERATORS:
        raise DataError(f"There is no generator {generator!r}; a card may name {', '.join(GENERATORS)}.")
    try:
        return GENERATORS[generator](stream(seed), n, **parameters)
    except (TypeError, ValueError) as fault:
        raise DataError(f"The generator {generator!r} cannot be run with the card's parameters: {fault}.") from fault


def recipe(generator: str, parameters: Mapping[str, Any], *numbers: int) -> str:
    """A SHA-256 that changes with the generator's source, its parameters, the numbers given and numpy's version."""
    whole = hashlib.sha256(json.dumps([generator, dict(parameters), numbers, np.__version__], sort_keys=True).encode())
    for module in ("raster", generator):
        whole.update(files("grader.data").joinpath(f"{module}.py").read_bytes())
    return whole.hexdigest()
