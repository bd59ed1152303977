"""`Network`: a student's nn.Module as checks see it. Whatever a check reads of it is proved when the check is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.checking.handle import Array, Handle, Layer, Row, Shapes
from grader.phrases import phrase
from grader.sandbox.faults import Refused
from grader.sandbox.submission import Line, encode
from grader.sandbox.wire import Marked


@dataclass(frozen=True)
class Nets:
    """The student's networks that one check has seen: those that it was given, and those whose facts it has read."""

    given: list[Handle] = field(default_factory=list)
    read: list[Handle] = field(default_factory=list)


_opened: ContextVar[Nets | None] = ContextVar("networks", default=None)


@contextmanager
def opened() -> Iterator[Nets]:
    """The networks of one check."""
    networks = Nets()
    token = _opened.set(networks)
    try:
        yield networks
    finally:
        _opened.reset(token)


class Network:
    """`net(x)`: (n, ...) ndarray in, ndarray out, without gradients, in the mode that the network is in."""

    def __init__(self, payload: Any, line: Line) -> None:
        self.handle = Handle(payload, line)

    @property
    def count(self) -> int:
        """The number of trainable parameters, each tensor once."""
        return sum(row.size for row in self._read().rows if row.trainable and not row.tied_to)

    @property
    def count_all(self) -> int:
        """The number of parameters, frozen ones too, each tensor once; buffers are none."""
        return sum(row.size for row in self._read().rows if row.parameter and not row.tied_to)

    @property
    def table(self) -> list[Row]:
        """Every parameter and buffer, tied ones under each of their names."""
        return list(self._read().rows)

    @property
    def layers(self) -> list[Layer]:
        """Every module, the whole network first."""
        return list(self._read().layers)

    @property
    def weights(self) -> dict[str, Array]:
        """Every tensor by name, as ndarrays."""
        return self.handle.weights()

    def __call__(self, x: Any) -> Any:
        """The output for `x`, an ndarray or `tensor(...)`."""
        if isinstance(x, np.ndarray):
            self.handle.shown = x
        return self.handle.ask("forward", inputs=encode(x), batch=0)

    def shapes(self, x: Array) -> Shapes:
        """(path, type, output shape) of every module that runs on `x`, in the order in which they finish."""
        handle = self._read()
        handle.shown = x
        told = [(str(path), str(kind), tuple(shape)) for path, kind, shape in handle.ask("shapes", inputs=x)]
        handle.told.append((x.shape, told))
        return told

    def train(self) -> Network:
        """Switch it to training mode: dropout drops, batch norm takes the batch's statistics."""
        self.handle.ask("mode", training=True)
        return self

    def eval(self) -> Network:
        """Switch it to evaluation mode."""
        self.handle.ask("mode", training=False)
        return self

    def load(self, weights: dict[str, Array]) -> None:
        """Set the named tensors to these values."""
        self.handle.ask("load", weights=weights)

    def save(self) -> bytes:
        """Every tensor, as safetensors bytes."""
        blob = self.handle.ask("save")
        if not isinstance(blob, bytes):
            raise Refused(phrase("network.unproved"))
        return blob

    def restore(self, weights: bytes) -> None:
        """Set every tensor to what these safetensors bytes say."""
        self.handle.ask("restore", weights=weights)

    def predict(self, x: Array, *, batch: int, threads: int, device: tuple[str, int], seconds: float) -> Any:
        """Outputs for many rows in small batches; the network is carried to `device`, and of it takes so many MiB."""
        return self.handle.ask(
            "forward",
            seconds=seconds,
            inputs=Marked("tensor", {"array": x, "grad": False}),
            batch=batch,
            threads=threads,
            device=device,
        )

    def as_argument(self) -> Marked:
        return self.handle.name

    def note_origin(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Which call made it: the solution's network of the same call is what it may be compared with."""
        self.handle.origin = (name, args, kwargs)
        networks = _opened.get()
        if networks is not None and not self.handle.is_ours:
            networks.given.append(self.handle)

    def __repr__(self) -> str:
        return repr(self.handle)

    def _read(self) -> Handle:
        """The handle of a network whose facts a check reads: they are to be proved."""
        networks = _opened.get()
        if networks is not None and self.handle not in networks.read and not self.handle.is_ours:
            networks.read.append(self.handle)
        return self.handle
