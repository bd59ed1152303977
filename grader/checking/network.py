"""`Network`: a student's nn.Module by its handle, what it says about itself, and the proof that it says the truth.

A network lives in the student's process, which may lie. What a check reads (count, table, layers, shapes) is therefore
proved when the check is over, by the strongest of three ways that applies:

    rebuilt     a tree of torch's own layers is built here with the same weights and gives the same outputs
    agrees      under secret weights it gives the outputs of the solution's network
    responds    secret noise in each tensor changes its outputs
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checking import ledger
from grader.errors import WireError
from grader.phrases import phrase
from grader.sandbox.faults import Refused
from grader.sandbox.layers import assemble
from grader.sandbox.submission import Line, encode
from grader.sandbox.wire import Marked

Array = NDArray[Any]
SIDES = (32, 28, 64, 224, 8)  # of an image to try, where no check has shown the network an input
ROWS = 4  # of a secret input: enough that one dead unit does not hide a tensor
RELATIVE, ABSOLUTE = 1e-3, 1e-4  # float32 sums in another order differ by about 1e-6 of their size


@dataclass(frozen=True)
class Row:
    """One parameter or buffer. `tied_to`: the first name of the same tensor, "" for a tensor's first name."""

    name: str
    shape: tuple[int, ...]
    trainable: bool
    parameter: bool
    tied_to: str

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


_opened: ContextVar[list[Network] | None] = ContextVar("networks", default=None)


@contextmanager
def opened() -> Iterator[list[Network]]:
    """The networks whose facts one check has read."""
    networks: list[Network] = []
    token = _opened.set(networks)
    try:
        yield networks
    finally:
        _opened.reset(token)


class Network:
    """A handle. `net(x)`: (n, ...) ndarray in, ndarray out, without gradients, in the mode that the network is in."""

    def __init__(self, payload: Any, line: Line) -> None:
        self._line = line
        self._number, self._rows, self._layers = _checked(payload)
        self._input: Array | None = None
        self._origin: tuple[str, tuple[Any, ...], dict[str, Any]] | None = None

    @property
    def count(self) -> int:
        """The number of trainable parameters, each tensor once."""
        return sum(row.size for row in self._read() if row.trainable and not row.tied_to)

    @property
    def count_all(self) -> int:
        """The number of parameters, frozen ones too, each tensor once; buffers are none."""
        return sum(row.size for row in self._read() if row.parameter and not row.tied_to)

    @property
    def table(self) -> list[Row]:
        """Every parameter and buffer, tied ones under each of their names."""
        return list(self._read())

    @property
    def layers(self) -> list[Layer]:
        """Every module, the whole network first."""
        self._read()
        return list(self._layers)

    @property
    def weights(self) -> dict[str, Array]:
        """Every tensor by name, as ndarrays."""
        values = self._ask("weights")
        if not isinstance(values, dict):
            raise Refused(phrase("network.unproved"))
        return {str(name): np.asarray(value) for name, value in values.items()}

    def __call__(self, x: Any) -> Any:
        """The output for `x`, an ndarray or `tensor(...)`."""
        if isinstance(x, np.ndarray):
            self._input = x
        return self._ask("forward", inputs=encode(x), batch=0)

    def shapes(self, x: Array) -> list[tuple[str, str, tuple[int, ...]]]:
        """(path, type, output shape) of every module that runs on `x`, in the order in which they finish."""
        self._read()
        self._input = x
        return [tuple(row) for row in self._ask("shapes", inputs=x)]

    def train(self) -> Network:
        self._ask("mode", training=True)
        return self

    def eval(self) -> Network:
        self._ask("mode", training=False)
        return self

    def load(self, weights: dict[str, Array]) -> None:
        """Set the named tensors to these values."""
        self._ask("load", weights=weights)

    def predict(self, x: Array, *, batch: int, threads: int, seconds: float) -> Any:
        """Outputs for many rows in small batches."""
        return self._ask(
            "forward",
            seconds=seconds,
            inputs=Marked("tensor", {"array": x, "grad": False}),
            batch=batch,
            threads=threads,
        )

    def as_argument(self) -> Marked:
        return Marked("handle", self._number)

    def note_origin(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Which call made it: the solution's network of the same call is what it may be compared with."""
        self._origin = (name, args, kwargs)

    def __repr__(self) -> str:
        return f"<Network {self._number}: {len(self._layers)} modules>"

    def _read(self) -> tuple[Row, ...]:
        networks = _opened.get()
        if networks is not None and self not in networks and self._line.twin is not None:
            networks.append(self)
        return self._rows

    def _ask(self, operation: str, seconds: float | None = None, **request: Any) -> Any:
        return self._line.ask({"do": "network", "number": self._number, "op": operation, **request}, seconds)

    # -- the proof --------------------------------------------------------------------------------------------------

    def prove(self, draw: np.random.Generator) -> str:
        """How the network was proved: "rebuilt", "agrees" or "responds". Refused, if its facts do not hold."""
        twin = self._twin()
        x = self._secret_input(draw, twin)
        self._ask("mode", training=False)
        try:
            if self._rebuilds(x):
                return "rebuilt"
            if twin is not None and self._agrees(twin, x, draw):
                return "agrees"
            self._responds(x, draw)
            return "responds"
        finally:
            self._ask("mode", training=self._layers[0].training)

    def _twin(self) -> Network | None:
        if self._origin is None or self._line.twin is None:
            return None
        try:
            twin = self._line.twin(*self._origin)
        except Exception:  # the solution has no such function, or not with these arguments
            return None
        return twin if isinstance(twin, Network) else None

    def _secret_input(self, draw: np.random.Generator, twin: Network | None) -> Array:
        if self._input is not None:
            if self._input.dtype.kind != "f":
                return draw.integers(0, 256, size=self._input.shape).astype(self._input.dtype)
            return draw.normal(size=(max(2, len(self._input)), *self._input.shape[1:])).astype(self._input.dtype)
        shown = twin if twin is not None else self
        for shape in _likely_shapes(shown._layers):
            x = draw.normal(size=(ROWS, *shape)).astype(np.float32)
            try:
                shown._ask("forward", inputs=x, batch=0)
            except Exception:
                continue
            return x
        raise Refused(phrase("network.no_input"))

    def _rebuilds(self, x: Array) -> bool:
        tree = self._ask("dismantle")
        if tree is None:
            return False
        import torch

        try:
            net = assemble(tree).eval()
        except (WireError, KeyError, TypeError, ValueError, RuntimeError):
            return False
        with torch.no_grad():
            ours = net(torch.from_numpy(x)).numpy()
        parameters = sum(p.numel() for p in net.parameters())
        return parameters == self.count_all and _near(ours, self._ask("forward", inputs=x, batch=0))

    def _agrees(self, twin: Network, x: Array, draw: np.random.Generator) -> bool:
        pairs = _pairs(self._rows, twin._rows)
        if pairs is None:
            return False
        kept = self.weights
        mine, theirs = {}, {}
        for own, other in pairs:
            mine[own.name] = theirs[other.name] = _secret_weights(own, draw)
        self.load(mine)
        twin.load(theirs)
        twin.eval()
        agrees = _near(twin(x), self._ask("forward", inputs=x, batch=0))
        self.load(kept)
        return agrees

    def _responds(self, x: Array, draw: np.random.Generator) -> None:
        kept = self.weights
        rows = [row for row in self._rows if row.parameter and not row.tied_to]
        if {row.name for row in rows} - set(kept):
            raise Refused(phrase("network.unproved"))
        weights = {row.name: _secret_weights(row, draw) for row in rows}
        self.load(weights)
        before = np.asarray(self._ask("forward", inputs=x, batch=0))
        for row in rows:
            self.load({row.name: _secret_weights(row, draw)})
            if np.array_equal(before, np.asarray(self._ask("forward", inputs=x, batch=0))):
                raise Refused(phrase("network.unused", name=row.name[:60]))
            self.load({row.name: weights[row.name]})
        self.load(kept)


def prove_all(networks: list[Network], draw: np.random.Generator) -> None:
    """Prove each network that the check has read; how goes into the instructor's detail."""
    for net in list(networks):
        ledger.current().details.append(f"{net!r} proved: {net.prove(draw)}")


def _checked(payload: Any) -> tuple[int, tuple[Row, ...], tuple[Layer, ...]]:
    match payload:
        case {"number": int(number), "table": list(table), "layers": list(layers)}:
            rows = tuple(
                Row(str(n), tuple(int(s) for s in shape), bool(t), bool(p), str(tied)) for n, shape, t, p, tied in table
            )
            found = tuple(
                Layer(str(path), str(kind), dict(settings), bool(mode)) for path, kind, settings, mode in layers
            )
            return number, rows, found
    raise WireError("a network of another form")


def _likely_shapes(layers: tuple[Layer, ...]) -> Iterator[tuple[int, ...]]:
    for layer in layers:
        if layer.type == "Linear":
            yield (layer.settings["in_features"],)
        elif layer.type in ("Conv1d", "Conv2d"):
            for side in SIDES:
                yield (layer.settings["in_channels"], *(side,) * int(layer.type[4]))
        else:
            continue
        return
    yield from ((3, side, side) for side in SIDES)
    yield from ((1, side, side) for side in SIDES)


def _pairs(own: tuple[Row, ...], other: tuple[Row, ...]) -> list[tuple[Row, Row]] | None:
    """The tensors of two networks, matched by shape in their order; None if their shapes are not the same."""
    mine, theirs = ([row for row in rows if row.parameter and not row.tied_to] for rows in (own, other))
    if sorted(row.shape for row in mine) != sorted(row.shape for row in theirs):
        return None
    if [row.shape for row in mine] != [row.shape for row in theirs]:
        mine, theirs = (sorted(rows, key=lambda row: row.shape) for rows in (mine, theirs))
    return list(zip(mine, theirs, strict=True))


def _secret_weights(row: Row, draw: np.random.Generator) -> Array:
    fan = max(1, int(np.prod(row.shape[1:]))) if len(row.shape) > 1 else 4
    return np.asarray(draw.normal(size=row.shape) / fan**0.5, np.float32)


def _near(ours: Any, theirs: Any) -> bool:
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    return bool(ours.shape == theirs.shape and np.allclose(ours, theirs, rtol=RELATIVE, atol=ABSOLUTE))
