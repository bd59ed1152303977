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
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from grader.checking import ledger
from grader.checking.dry_run import Step, dry_run
from grader.errors import WireError
from grader.phrases import phrase
from grader.sandbox.describe import Handles, describe_network
from grader.sandbox.faults import Refused, StudentFault
from grader.sandbox.layers import assemble
from grader.sandbox.submission import Line, encode
from grader.sandbox.wire import Marked

if TYPE_CHECKING:
    import torch

Array = NDArray[Any]
SIDES = (32, 28, 64, 224, 8)  # of an image to try, where no check has shown the network an input
ROWS = 4  # of a secret input: enough that one dead unit does not hide a tensor
TRIES = 8  # networks, each with a noise in the tensor, before we say that it takes no part
LARGEST = 1 << 22  # entries of a row that is made up here: 83 channels of 224 x 224
LONGEST = 10**11  # multiplications in the verifier, minutes at most: two images of 224 x 224 through VGG-16 are 3.1e10
AN_ENTRY = 100  # multiplications: a softmax over one number takes 110 ns, and a multiplication 0.1 to 5 ns
BROADEST = 1 << 27  # entries of one output in the verifier: 512 MiB
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


@dataclass(frozen=True)
class Nets:
    """The student's networks that one check has seen: those that it was given, and those whose facts it has read."""

    given: list[Network] = field(default_factory=list)
    read: list[Network] = field(default_factory=list)


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
    """A handle. `net(x)`: (n, ...) ndarray in, ndarray out, without gradients, in the mode that the network is in."""

    def __init__(self, payload: Any, line: Line) -> None:
        self._line = line
        self._number, self._rows, self._layers = _checked(payload)
        self._input: Array | None = None
        self._shapes: list[tuple[tuple[int, ...], list[tuple[str, str, tuple[int, ...]]]]] = []
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
        told = [(str(path), str(kind), tuple(shape)) for path, kind, shape in self._ask("shapes", inputs=x)]
        self._shapes.append((x.shape, told))
        return told

    def train(self) -> Network:
        self._ask("mode", training=True)
        return self

    def eval(self) -> Network:
        self._ask("mode", training=False)
        return self

    def load(self, weights: dict[str, Array]) -> None:
        """Set the named tensors to these values."""
        self._ask("load", weights=weights)

    def save(self) -> bytes:
        """Every tensor, as safetensors bytes."""
        blob = self._ask("save")
        if not isinstance(blob, bytes):
            raise Refused(phrase("network.unproved"))
        return blob

    def restore(self, weights: bytes) -> None:
        """Set every tensor to what these safetensors bytes say."""
        self._ask("restore", weights=weights)

    def predict(self, x: Array, *, batch: int, threads: int, device: tuple[str, int], seconds: float) -> Any:
        """Outputs for many rows in small batches; the network is carried to `device`, and of it takes so many MiB."""
        return self._ask(
            "forward",
            seconds=seconds,
            inputs=Marked("tensor", {"array": x, "grad": False}),
            batch=batch,
            threads=threads,
            device=device,
        )

    def as_argument(self) -> Marked:
        return Marked("handle", self._number)

    def note_origin(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Which call made it: the solution's network of the same call is what it may be compared with."""
        self._origin = (name, args, kwargs)
        networks = _opened.get()
        if networks is not None and self._line.twin is not None:
            networks.given.append(self)

    def __repr__(self) -> str:
        return f"<Network {self._number}: {len(self._layers)} modules>"

    def _read(self) -> tuple[Row, ...]:
        networks = _opened.get()
        if networks is not None and self not in networks.read and self._line.twin is not None:
            networks.read.append(self)
        return self._rows

    def _ask(self, operation: str, seconds: float | None = None, **request: Any) -> Any:
        return self._line.ask({"do": "network", "number": self._number, "op": operation, **request}, seconds)

    # -- the proof --------------------------------------------------------------------------------------------------

    def prove(self, draw: np.random.Generator) -> str:
        """How the network was proved: "rebuilt", "agrees" or "responds". Refused, if its facts do not hold."""
        twin = self.twin()
        x = self._secret_input(draw, twin)
        self._ask("mode", training=False)
        if self._rebuilds(x):
            how = "rebuilt"
        elif twin is not None and self._agrees(twin, x, draw):
            how = "agrees"
        else:
            self._responds(x, draw)
            how = "responds"
        self._ask("mode", training=self._layers[0].training)
        return how

    def twin(self) -> Network | None:
        """The solution's network of the same call; None where there is none."""
        if self._origin is None or self._line.twin is None:
            return None
        try:
            twin = self._line.twin(*self._origin)
        except Exception:  # the solution has no such function, or not with these arguments
            return None
        return twin if isinstance(twin, Network) else None

    def _secret_input(self, draw: np.random.Generator, twin: Network | None) -> Array:
        if self._input is not None:
            if self._input.dtype.kind != "f":  # words of a vocabulary, grey levels: no others than were shown
                low, high = int(self._input.min(initial=0)), int(self._input.max(initial=0))
                return draw.integers(low, high, size=self._input.shape, endpoint=True).astype(self._input.dtype)
            return draw.normal(size=(max(2, len(self._input)), *self._input.shape[1:])).astype(self._input.dtype)
        nets = [self] if twin is None else [twin, self]
        for shape in dict.fromkeys(shape for net in nets for shape in _likely_shapes(net._layers)):
            x = draw.normal(size=(ROWS, *shape)).astype(np.float32)
            try:
                for net in nets:
                    net._ask("forward", inputs=x, batch=0)
            except StudentFault:
                continue
            return x
        raise Refused(phrase("network.no_input"))

    def _rebuilds(self, x: Array) -> bool:
        tree = self._ask("dismantle")
        if tree is None:
            return False
        told = self._ask("forward", inputs=x, batch=0)
        import torch

        try:
            net = assemble(tree).eval()
            if not self._describes(net) or not self._shaped(net) or not _bearable(dry_run(net, x.shape)):
                return False
            with torch.no_grad():
                return _near(net(torch.from_numpy(x)).numpy(), told)
        except Exception:  # a tree that is none, or settings with which torch's own layers do not run
            return False

    def _describes(self, net: torch.nn.Module) -> bool:
        """Whether what the network said about itself is true of `net`, but for the names in it and what is frozen."""
        found = describe_network(net, Handles())
        rows = [(row.shape, row.parameter, row.tied_to) for row in self._rows]
        layers = [(layer.type, layer.settings) for layer in self._layers]
        return rows == [(shape, parameter, tied) for _, shape, _, parameter, tied in found["table"]] and layers == [
            (kind, settings) for _, kind, settings, _ in found["layers"]
        ]

    def _shaped(self, net: torch.nn.Module) -> bool:
        """Whether the shapes that were told are those of `net`."""
        return all(
            [(kind, shape) for _, kind, shape in told] == [(step.type, step.shape) for step in dry_run(net, shown)]
            for shown, told in self._shapes
        )

    def _agrees(self, twin: Network, x: Array, draw: np.random.Generator) -> bool:
        pairs = _pairs(self._rows, twin._rows)
        if pairs is None:
            return False
        kept = self.weights
        mine, theirs = {}, {}
        for own, other in pairs:
            mine[own.name] = theirs[other.name] = _secret_weights(own, draw)
        try:
            twin.load(theirs)
            right = twin.eval()._output(x)
        except StudentFault:  # ours does not run on what the check showed to theirs
            return False
        self.load(mine)
        agrees = _near(right, self._output(x))
        self.load(kept)
        return agrees

    def _responds(self, x: Array, draw: np.random.Generator) -> None:
        kept = self.weights
        own = [row for row in self._rows if not row.tied_to]
        if sorted((row.name, row.shape) for row in own) != sorted((name, value.shape) for name, value in kept.items()):
            raise Refused(phrase("network.unproved"))
        rows = [row for row in own if row.parameter]
        weights, before = self._redrawn(rows, x, draw)
        if not _same(before, self._output(x)):  # what changes by itself answers to nothing
            raise Refused(phrase("network.unproved"))
        for row in rows:
            for attempt in range(TRIES):
                if attempt:  # what lies behind dead units alone changes nothing
                    weights, before = self._redrawn(rows, x, draw)
                self.load({row.name: _secret_weights(row, draw)})
                if not _same(before, self._output(x)):
                    break
            else:
                raise Refused(phrase("network.unused", name=row.name[:60]))
            self.load({row.name: weights[row.name]})
        self.load(kept)

    def _redrawn(self, rows: list[Row], x: Array, draw: np.random.Generator) -> tuple[dict[str, Array], Array]:
        """Secret weights in all tensors, and the output with them."""
        weights = {row.name: _secret_weights(row, draw) for row in rows}
        self.load(weights)
        return weights, self._output(x)

    def _output(self, x: Array) -> Array:
        """All numbers of the output in one row: a network may give a tuple, or a dict."""
        return np.concatenate([np.zeros(0), *_numbers(self._ask("forward", inputs=x, batch=0))])


def prove_all(networks: Nets, draw: np.random.Generator) -> None:
    """Prove each network that the check has read; how goes into the instructor's detail."""
    for net in list(networks.read):
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
            if found:
                return number, rows, found
    raise WireError("a network of another form")


def _likely_shapes(layers: tuple[Layer, ...]) -> Iterator[tuple[int, ...]]:
    for layer in layers:
        if layer.type in ("Linear", "Conv1d", "Conv2d"):
            width = layer.settings.get("in_features", layer.settings.get("in_channels"))
            if type(width) is int and width > 0:
                shapes = [(width, *(side,) * (0 if layer.type == "Linear" else int(layer.type[4]))) for side in SIDES]
                yield from (shape for shape in dict.fromkeys(shapes) if np.prod(shape, dtype=object) <= LARGEST)
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


def _numbers(output: Any) -> Iterator[Array]:
    if isinstance(output, list | tuple | dict):
        for part in output.values() if isinstance(output, dict) else output:
            yield from _numbers(part)
    elif isinstance(output, np.ndarray | int | float | complex):
        yield np.ravel(output)
    else:
        raise Refused(phrase("network.unproved"))


def _secret_weights(row: Row, draw: np.random.Generator) -> Array:
    fan = max(1, int(np.prod(row.shape[1:]))) if len(row.shape) > 1 else 4
    return np.asarray(draw.normal(size=row.shape) / fan**0.5, np.float32)


def _bearable(steps: list[Step]) -> bool:
    """Whether we can run this here: the settings are the student's, the time and the memory are ours."""
    work = sum(step.multiplications + AN_ENTRY * step.entries for step in steps)
    return work <= LONGEST and max(step.entries for step in steps) <= BROADEST


def _same(before: Array, after: Array) -> bool:
    return np.array_equal(before, after, equal_nan=before.dtype.kind in "fc" and after.dtype.kind in "fc")


def _near(ours: Any, theirs: Any) -> bool:
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    return bool(ours.shape == theirs.shape and np.allclose(ours, theirs, rtol=RELATIVE, atol=ABSOLUTE))
