"""A network in another process by its number: what that process says of it, which is not proved, and how to ask it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.errors import WireError
from grader.phrases import phrase
from grader.sandbox.faults import Refused
from grader.sandbox.submission import Line
from grader.sandbox.wire import AXES_LIMIT, Marked

Array = NDArray[Any]
Shapes = list[tuple[str, str, tuple[int, ...]]]  # path, type and output shape of each module that has run


@dataclass(frozen=True)
class Row:
    """One parameter or buffer. `tied_to`: the first name of the same tensor, "" for a tensor's first name."""

    name: str
    shape: tuple[int, ...]
    trainable: bool
    parameter: bool
    tied_to: str

    def __iter__(self) -> Iterator[Any]:
        return iter((self.name, self.shape, self.trainable, self.tied_to))

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=object)) if self.shape else 1


@dataclass(frozen=True)
class Layer:
    """One module: its path ("" is the whole), its type (torch's name, or the student's class), its settings."""

    path: str
    type: str
    settings: dict[str, Any]
    training: bool

    def __iter__(self) -> Iterator[Any]:
        return iter((self.path, self.type, self.settings))


class Handle:
    """`rows` and `layers` are what was said; `shown` and `told`, the last input of a check and what was said of shapes.

    `origin` is the call that made the network: name, arguments, named arguments.
    """

    def __init__(self, payload: Any, line: Line) -> None:
        self.line = line
        self.number, self.rows, self.layers = facts_of(payload)
        self.shown: Array | None = None
        self.told: list[tuple[tuple[int, ...], Shapes]] = []  # by the shape of the input
        self.origin: tuple[str, tuple[Any, ...], dict[str, Any]] | None = None

    @property
    def is_ours(self) -> bool:
        """Whether it is the solution's, which needs no proof."""
        return self.line.twin is None

    @property
    def name(self) -> Marked:
        return Marked("handle", self.number)

    def ask(self, operation: str, seconds: float | None = None, **request: Any) -> Any:
        return self.line.ask({"do": "network", "number": self.number, "op": operation, **request}, seconds)

    def weights(self) -> dict[str, Array]:
        """Every tensor by name."""
        values = self.ask("weights")
        if not isinstance(values, dict):
            raise Refused(phrase("network.unproved"))
        return {str(name): np.asarray(value) for name, value in values.items()}

    def output(self, x: Array) -> Array:
        """All numbers of the output in one row: a network may give a tuple, or a dict."""
        return np.concatenate([np.zeros(0), *_numbers(self.ask("forward", inputs=x, batch=0))])

    def twin(self) -> Handle | None:
        """The solution's network of the same call; None where there is none."""
        if self.origin is None or self.line.twin is None:
            return None
        try:
            made = self.line.twin(*self.origin)
        except Exception:  # the solution has no such function, or not with these arguments
            return None
        twin = getattr(made, "handle", None)
        return twin if isinstance(twin, Handle) else None

    def __repr__(self) -> str:
        return f"<Network {self.number}: {len(self.layers)} modules>"


def facts_of(payload: Any) -> tuple[int, tuple[Row, ...], tuple[Layer, ...]]:
    """The number, tensors and modules that `describe_network` tells; WireError for what it cannot have told."""
    match payload:
        case {"number": int(number), "table": list(table), "layers": list(layers)}:
            rows = tuple(Row(str(n), _sides(shape), bool(t), bool(p), str(tied)) for n, shape, t, p, tied in table)
            found = tuple(
                Layer(str(path), str(kind), dict(settings), bool(mode)) for path, kind, settings, mode in layers
            )
            if found:
                return number, rows, found
    raise WireError("a network of another form")


def _sides(shape: Any) -> tuple[int, ...]:
    """A tensor's shape; of more sides their product alone could take hours, in one multiplication after another."""
    if len(shape) > AXES_LIMIT:
        raise WireError(f"a tensor of more than {AXES_LIMIT} axes")
    return tuple(int(side) for side in shape)


def _numbers(output: Any) -> Iterator[Array]:
    if isinstance(output, list | tuple | dict):
        for part in output.values() if isinstance(output, dict) else output:
            yield from _numbers(part)
    elif isinstance(output, np.ndarray | int | float | complex):
        yield np.ravel(output)
    else:
        raise Refused(phrase("network.unproved"))
