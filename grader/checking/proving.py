"""The proof of what a network says about itself, by the strongest of three ways that applies.

A network lives in the student's process, which may lie about its count, table, layers and shapes.

    rebuilt     a tree of torch's own layers is built here with the same weights and gives the same outputs
    agrees      under secret weights it gives the outputs of the solution's network
    responds    secret noise in each tensor changes its outputs
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.checking import ledger
from grader.checking.dry_run import Step, dry_run
from grader.checking.handle import Array, Handle, Layer, Row, facts_of
from grader.checking.network import Nets
from grader.phrases import phrase
from grader.sandbox.describe import Handles, describe_network
from grader.sandbox.faults import Refused, StudentFault
from grader.sandbox.layers import assemble

if TYPE_CHECKING:
    import torch

SIDES = (32, 28, 64, 224, 8)  # of an image to try, where no check has shown the network an input
ROWS = 4  # of a secret input: enough that one dead unit does not hide a tensor
TRIES = 8  # networks, each with a noise in the tensor, before we say that it takes no part
LARGEST = 1 << 22  # entries of a row that is made up here: 83 channels of 224 x 224
LONGEST = 10**11  # multiplications in the verifier, minutes at most: two images of 224 x 224 through VGG-16 are 3.1e10
AN_ENTRY = 100  # multiplications: a softmax over one number takes 110 ns, and a multiplication 0.1 to 5 ns
BROADEST = 1 << 27  # entries of one output in the verifier: 512 MiB
UNSHOWN = "A check shows the network an input, by net(x) or net.shapes(x), where no row of floats and no image is one."
RELATIVE, ABSOLUTE = 1e-3, 1e-4  # float32 sums in another order differ by about 1e-6 of their size


def prove_all(networks: Nets, draw: np.random.Generator) -> None:
    """Prove each network that the check has read; how goes into the instructor's detail."""
    for net in list(networks.read):
        ledger.current().details.append(f"{net!r} proved: {prove(net, draw)}")


def prove(net: Handle, draw: np.random.Generator) -> str:
    """How the network was proved: "rebuilt", "agrees" or "responds". Refused, if its facts do not hold."""
    twin = net.twin()
    x = _secret_input(net, twin, draw)
    net.ask("mode", training=False)
    if _rebuilds(net, x):
        how = "rebuilt"
    elif twin is not None and _agrees(net, twin, x, draw):
        how = "agrees"
    else:
        _responds(net, x, draw)
        how = "responds"
    net.ask("mode", training=net.layers[0].training)
    return how


def _secret_input(net: Handle, twin: Handle | None, draw: np.random.Generator) -> Array:
    shown = net.shown
    if shown is not None:
        if shown.dtype.kind != "f":  # words of a vocabulary, grey levels: no others than were shown
            low, high = int(shown.min(initial=0)), int(shown.max(initial=0))
            return draw.integers(low, high, size=shown.shape, endpoint=True).astype(shown.dtype)
        return draw.normal(size=(max(2, len(shown)), *shown.shape[1:])).astype(shown.dtype)
    nets = [net] if twin is None else [twin, net]
    for shape in dict.fromkeys(shape for each in nets for shape in _likely_shapes(each.layers)):
        x = draw.normal(size=(ROWS, *shape)).astype(np.float32)
        try:
            for each in nets:
                each.ask("forward", inputs=x, batch=0)
        except StudentFault:
            continue
        return x
    raise Refused(phrase("network.no_input"), UNSHOWN)


def _rebuilds(net: Handle, x: Array) -> bool:
    tree = net.ask("dismantle")
    if tree is None:
        return False
    told = net.ask("forward", inputs=x, batch=0)
    import torch

    try:
        ours = assemble(tree).eval()
        if not _describes(net, ours) or not _shaped(net, ours) or not _bearable(dry_run(ours, x.shape)):
            return False
        with torch.no_grad():
            return _near(ours(torch.from_numpy(x)).numpy(), told)
    except Exception:  # a tree that is none, or settings with which torch's own layers do not run
        return False


def _describes(net: Handle, ours: torch.nn.Module) -> bool:
    """Whether what `net` said about itself is true of `ours`, but for the names in it and what is frozen."""
    _, rows, layers = facts_of(describe_network(ours, Handles()))
    return _judged(net.rows, net.layers) == _judged(rows, layers)


def _judged(rows: tuple[Row, ...], layers: tuple[Layer, ...]) -> tuple[list[Any], list[Any]]:
    return (
        [(row.shape, row.parameter, row.tied_to) for row in rows],
        [(layer.type, layer.settings) for layer in layers],
    )


def _shaped(net: Handle, ours: torch.nn.Module) -> bool:
    """Whether the shapes that `net` told are those of `ours`."""
    return all(
        [(kind, shape) for _, kind, shape in told] == [(step.type, step.shape) for step in dry_run(ours, shown)]
        for shown, told in net.told
    )


def _agrees(net: Handle, twin: Handle, x: Array, draw: np.random.Generator) -> bool:
    pairs = _pairs(net.rows, twin.rows)
    if pairs is None:
        return False
    kept = net.weights()
    mine, theirs = {}, {}
    for own, other in pairs:
        mine[own.name] = theirs[other.name] = _secret_weights(own, draw)
    try:
        twin.ask("load", weights=theirs)
        twin.ask("mode", training=False)
        right = twin.output(x)
    except StudentFault:  # ours does not run on what the check showed to theirs
        return False
    net.ask("load", weights=mine)
    agrees = _near(right, net.output(x))
    net.ask("load", weights=kept)
    return agrees


def _responds(net: Handle, x: Array, draw: np.random.Generator) -> None:
    kept = net.weights()
    own = [row for row in net.rows if not row.tied_to]
    if sorted((row.name, row.shape) for row in own) != sorted((name, value.shape) for name, value in kept.items()):
        raise Refused(phrase("network.unproved"))
    rows = [row for row in own if row.parameter]
    weights, before = _redrawn(net, rows, x, draw)
    if not _same(before, net.output(x)):  # what changes by itself answers to nothing
        raise Refused(phrase("network.unproved"))
    for row in rows:
        for attempt in range(TRIES):
            if attempt:  # what lies behind dead units alone changes nothing
                weights, before = _redrawn(net, rows, x, draw)
            net.ask("load", weights={row.name: _secret_weights(row, draw)})
            if not _same(before, net.output(x)):
                break
        else:
            raise Refused(phrase("network.unused", name=row.name[:60]))
        net.ask("load", weights={row.name: weights[row.name]})
    net.ask("load", weights=kept)


def _redrawn(net: Handle, rows: list[Row], x: Array, draw: np.random.Generator) -> tuple[dict[str, Array], Array]:
    """Secret weights in all tensors, and the output with them."""
    weights = {row.name: _secret_weights(row, draw) for row in rows}
    net.ask("load", weights=weights)
    return weights, net.output(x)


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
