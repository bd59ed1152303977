"""The wire carries the table's rows in both directions, and nothing else, whatever its other end sends."""

from __future__ import annotations

import array
import math
import os
import socket
import struct
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from grader import inside
from grader.checking.bench import WRAP
from grader.checking.network import Network
from grader.checking.plot import Figure
from grader.errors import WireError
from grader.sandbox import wire
from grader.sandbox.arguments import folder, network, seeded, tensor
from grader.sandbox.faults import Refused, Ungraded
from grader.sandbox.submission import Formula, Line, OwnDesk, Proxy
from grader.sandbox.wire import Channel, Marked, pack, unpack
from tests.workers import OpenHandIn

MIB = 1 << 20

MODULE = '''
import os, pathlib
import numpy as np
import torch

def same(x):
    return x

def type_of(x):
    """The exact type's name, of the items too."""
    if type(x) in (list, tuple):
        return [type(x).__name__, [type_of(item) for item in x]]
    if type(x) is dict:
        return ["dict", [[type_of(key), type_of(item)] for key, item in x.items()]]
    return type(x).__name__

class Odd(np.ndarray):
    pass

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(3, 2)
    def forward(self, x):
        return self.layer(x)

ODD = {
    "a set": lambda: {1},
    "an object": lambda: object(),
    "a function": lambda: print,
    "a Generator": lambda: np.random.default_rng(0),
    "a generator of random numbers": lambda: torch.Generator(),
    "a PosixPath": lambda: pathlib.Path("."),
    "an Odd": lambda: np.zeros(2).view(Odd),
    "an array of dtype object": lambda: np.array([object()]),
    "an array of dtype <U1": lambda: np.array(["a"]),
    "an array of dtype datetime64[D]": lambda: np.array(["2026-01-01"], "M8[D]"),
    "a sparse or quantised tensor": lambda: torch.eye(2).to_sparse(),
    "a dict with a key of type tuple": lambda: {(1, 2): 3},
    "a whole number of more than 4096 bits": lambda: 1 << 4096,
    "text with half a surrogate pair": lambda: "\\ud800",
    "arrays of more than 1 GiB": lambda: np.broadcast_to(np.zeros(1), (1 << 31,)),
}

def odd(name):
    return ODD[name]()

def scalars():
    return [np.float32(0.5), np.int8(-3), np.bool_(True), np.complex64(1j), np.str_("a"), np.bytes_(b"b"),
            torch.tensor(2.5), torch.tensor(7), torch.tensor(True)]

def arrays():
    return [np.arange(6, dtype=">i4").reshape(2, 3)[:, ::2], torch.arange(3.0, requires_grad=True),
            torch.arange(3, dtype=torch.bfloat16), np.array(5), torch.nn.Parameter(torch.ones(2))]

def networks():
    net = Net()
    return [net, {"again": net}, (torch.nn.ReLU(),)]

def rows_of(net):
    return net.layer.weight.tolist()

def run(net, x):
    return net(torch.from_numpy(x))

def kind_of(net):
    return [type(layer).__name__ for layer in net] if type(net) is torch.nn.Sequential else type(net).__name__

def gradient(x):
    (x * x).sum().backward()
    return x.grad

def rolled(generator):
    values = generator.random(3) if isinstance(generator, np.random.Generator) else torch.rand(3, generator=generator)
    return type(generator).__name__, values

def read(path):
    return type(path).__name__, {name: open(os.path.join(path, name), "rb").read() if os.path.isfile(
        os.path.join(path, name)) else None for name in sorted(os.listdir(path))}

def formula():
    import sympy
    x = sympy.Symbol("x")
    return x * sympy.tanh(x), [sympy.Rational(1, 3)]

def long_formula():
    import sympy
    return sympy.Add(*[sympy.Symbol(f"x{i}") for i in range(1000)])

def figures(count):
    from matplotlib import pyplot
    made = []
    for _ in range(count):
        figure, axes = pyplot.subplots()
        axes.imshow(np.random.default_rng(0).random((300, 300, 3)))
        made.append(figure)
    return made
'''


@pytest.fixture(params=["submission", "solution"])
def side(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """The module above as the student's, in a worker, and as ours, in this process: both must hand over the same."""
    if request.param == "submission":
        hand_in: OpenHandIn = request.getfixturevalue("hand_in")
        return hand_in(MODULE).proxy
    path = tmp_path / "q1.py"
    path.write_text(MODULE)
    return Proxy(Line(OwnDesk(path, None), 30.0, WRAP))


def alike(one: Any, other: Any) -> bool:
    """Equal values of exactly the same types; NaN equals NaN, and minus zero is not zero."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return struct.pack(">d", one) == struct.pack(">d", other) or (math.isnan(one) and math.isnan(other))
    if isinstance(one, complex):
        return alike(one.real, other.real) and alike(one.imag, other.imag)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict):
        return alike(list(one.items()), list(other.items()))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, Marked):
        return one.tag == other.tag and alike(one.payload, other.payload)
    return bool(one == other)


# -- the table's rows, as an answer and as an argument -------------------------------------------------------------


def test_row_scalars(side: Any) -> None:
    """None, bool, int up to 4096 bits, str, bytes, float and complex cross as themselves, both ways."""
    values = [None, True, 0, -1, 1 << 63, -(1 << 64), (1 << 4096) - 1, "", "سلام", b"\0\xff", 0.1, -0.0, 1 + 2j, ...]

    assert alike(side.same(values), values)
    assert side.type_of(values)[1] == [type(value).__name__ for value in values]


def test_row_scalars_of_numpy_and_torch(side: Any) -> None:
    """Scalars of numpy and torch arrive as the exact base type, and go in as one."""
    assert alike(side.scalars(), [0.5, -3, True, 1j, "a", b"b", 2.5, 7, True])
    assert side.type_of(np.float64(1.5)) == "float"


def test_row_long_bytes(side: Any) -> None:
    """Bytes longer than a head could hold cross as bytes."""
    data = bytes(range(256)) * 8192

    assert alike(side.same(data), data)


def test_row_lists_and_tuples(side: Any) -> None:
    """Lists and tuples stay apart, however they are nested."""
    value = [1, (2, [3, ()]), []]

    assert alike(side.same(value), value)
    assert side.type_of(value) == ["list", ["int", ["tuple", ["int", ["list", ["int", ["tuple", []]]]]], ["list", []]]]


def test_row_dicts(side: Any) -> None:
    """Dicts keep their order and their keys' types."""
    value = {"b": 1, 2: "x", 0.5: None, False: [], "a": {}}

    assert alike(side.same(value), value)
    assert [key for key, _ in side.type_of(value)[1]] == ["str", "int", "float", "bool", "str"]


@pytest.mark.parametrize("code", sorted(wire.DTYPES))
def test_row_arrays(code: str) -> None:
    """Arrays of every allowed dtype keep dtype, shape and bytes, and may be written into."""
    values = np.arange(12).reshape(3, 4).astype(code)

    (found,) = there_and_back([values])

    assert alike(found, values)
    found[0, 0] = 1


def test_row_arrays_and_tensors(side: Any) -> None:
    """Arrays and tensors come back as plain arrays; arrays go in as arrays, `tensor(...)` as a tensor with gradient."""
    strided, plain, short, single, weights = side.arrays()

    assert alike(strided, np.array([[0, 2], [3, 5]], np.int32))
    assert alike(plain, np.arange(3, dtype=np.float32))
    assert alike(short, np.arange(3, dtype=np.float32))
    assert alike(single, np.array(5))
    assert alike(weights, np.ones(2, np.float32))
    assert side.type_of(np.zeros(2)) == "ndarray"
    assert side.type_of(tensor([1.0])) == "Tensor"
    assert alike(side.gradient(tensor([1.0, 3.0], grad=True)), np.array([2.0, 6.0]))


def test_row_nan_and_inf(side: Any) -> None:
    """NaN and the infinities cross, alone and in arrays."""
    values = [math.nan, math.inf, -math.inf, np.array([math.nan, -math.inf])]

    assert alike(side.same(values), values)


def test_row_networks(side: Any) -> None:
    """Modules come back as handles, in lists, dicts and tuples too, and a handle goes in as the very same module."""
    net, inner, (relu,) = side.networks()

    assert isinstance(net, Network)
    assert (net.count, inner["again"].count, relu.count) == (8, 8, 0)
    assert np.allclose(side.rows_of(net), net.weights["layer.weight"])
    assert alike(side.rows_of(inner["again"]), side.rows_of(net))


def test_row_networks_of_ours(side: Any) -> None:
    """`network(...)` goes in as torch's own layers with the weights that they have here."""
    import torch

    layers = [torch.nn.Conv2d(1, 2, 3, padding=1), torch.nn.BatchNorm2d(2), torch.nn.ReLU()]
    x = np.random.default_rng(0).normal(size=(2, 1, 5, 5)).astype(np.float32)

    assert side.kind_of(network(*layers)) == ["Conv2d", "BatchNorm2d", "ReLU"]
    assert side.kind_of(network(layers[0])) == "Conv2d"
    with torch.no_grad():
        ours = torch.nn.Sequential(*layers)(torch.from_numpy(x)).numpy()
    assert np.allclose(side.run(network(*layers), x), ours, atol=1e-5)


def test_row_generators(side: Any) -> None:
    """`seeded(...)` goes in as a generator that rolls the same on both sides; a generator does not come back."""
    assert alike(side.rolled(seeded("numpy", 7)), ("Generator", np.random.default_rng(7).random(3)))
    kind, values = side.rolled(seeded("torch", 7))
    assert (kind, values.shape) == ("Generator", (3,))
    with pytest.raises(Refused):
        side.odd("a Generator")
    with pytest.raises(Refused):
        side.odd("a generator of random numbers")


def test_row_folders(hand_in: OpenHandIn) -> None:
    """`folder(...)` goes in as the path of a folder with exactly these files; a path does not come back."""
    student = hand_in(MODULE).proxy
    files = {"a.png": b"\x89PNG", "cat/1.png": b"", "empty/": b""}

    assert student.read(folder(files)) == ("str", {"a.png": b"\x89PNG", "cat": None, "empty": None})
    with pytest.raises(Refused, match="a PosixPath"):
        student.odd("a PosixPath")


def test_row_formulas(side: Any) -> None:
    """A sympy expression comes back as its text, up to 2,000 characters."""
    product, (third,) = side.formula()

    assert (product, third) == (Formula("x*tanh(x)"), Formula("1/3"))
    assert str(product) == "x*tanh(x)"
    with pytest.raises(Refused):
        side.long_formula()


def test_row_figures(hand_in: OpenHandIn) -> None:
    """Figures come back as descriptions with their pictures, several at once too; none goes in."""
    student = hand_in(MODULE).proxy
    found = student.figures(4)

    assert all(isinstance(figure, Figure) and figure.png.startswith(b"\x89PNG") for figure in found)
    assert sum(len(figure.png) for figure in found) > 200_000
    with pytest.raises(Ungraded):
        student.same(found[0])


ODD = [
    "a set",
    "an object",
    "an Odd",
    "an array of dtype object",
    "an array of dtype <U1",
    "an array of dtype datetime64[D]",
    "a sparse or quantised tensor",
    "a dict with a key of type tuple",
    "a whole number of more than 4096 bits",
    "text with half a surrogate pair",
    "arrays of more than 1 GiB",
]


@pytest.mark.parametrize("name", ODD)
def test_row_anything_else(hand_in: OpenHandIn, name: str) -> None:
    """Whatever is not in the table is refused by one sentence that names it, and the worker lives on."""
    student = hand_in(MODULE)

    with pytest.raises(Refused) as refusal:
        student.proxy.odd(name)
    assert name in refusal.value.text.en
    assert student.session.worker is not None
    assert student.proxy.same(1) == 1


def test_row_source(side: Any) -> None:
    """Our own function goes in as source and runs beside the student's module."""
    assert side(rows_and_columns, side.networks()[0]) == (2, 3)


@inside
def rows_and_columns(net: Any) -> Any:
    import torch

    assert isinstance(net, torch.nn.Module)
    return tuple(net.layer.weight.shape)


# -- round trips ---------------------------------------------------------------------------------------------------


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    """Both ends of one connection."""
    here, there = map(Channel, socket.socketpair())
    yield here, there
    here.close()
    there.close()


def there_and_back(value: Any) -> Any:
    """`value` sent by one thread and received by this one."""
    here, there = map(Channel, socket.socketpair())
    with ThreadPoolExecutor(1) as pool:
        try:
            sending = pool.submit(here.send, value)
            found = there.receive()
            sending.result()
            return found
        finally:
            here.close()
            there.close()


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.none() | st.booleans() | st.integers(-(1 << 4095), 1 << 4095) | st.floats() | st.complex_numbers()
leaves = numbers | texts | st.binary(max_size=20) | st.just(...)
dtypes = st.sampled_from(sorted(wire.DTYPES))
arrays = dtypes.flatmap(
    lambda code: npst.arrays(code, npst.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4))
)
keys = texts | st.integers(-(1 << 63), (1 << 63) - 1) | st.floats(allow_nan=False) | st.booleans()
values = st.recursive(
    leaves | arrays,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(keys, inner, max_size=5)
        | st.builds(Marked, texts, inner)
    ),
    max_leaves=20,
)


@settings(deadline=None, max_examples=150)
@given(values)
def test_every_allowed_value_makes_the_round_trip(value: Any) -> None:
    """What may cross arrives as it was sent: types, order, bits and all."""
    assert alike(there_and_back(value), value)


def test_large_arrays_travel_as_memory_files(ends: tuple[Channel, Channel]) -> None:
    """An array over 1 MiB needs no reader to be sent, arrives whole, and the sender's copy stays the sender's."""
    here, there = ends
    sent = np.arange(MIB, dtype=np.float64)
    here.send({"a": sent, "b": [sent[:3]]})

    found = there.receive()
    found["a"][0] = 7.0

    assert alike(found["a"][1:], sent[1:])
    assert sent[0] == 0.0


def test_more_large_arrays_than_descriptors_cross() -> None:
    """The kernel passes 253 descriptors at once; the arrays beyond them travel inside the frame."""
    block = np.zeros(wire.INLINE_LIMIT + 1, np.uint8)
    found = there_and_back([block] * (wire.DESCRIPTOR_LIMIT + 2))

    assert [array.nbytes for array in found] == [block.nbytes] * (wire.DESCRIPTOR_LIMIT + 2)


def test_without_memory_files_everything_travels_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the platform has no memory files, large arrays cross all the same."""
    monkeypatch.setattr(wire, "MEMORY_FILES", False)
    sent = np.arange(MIB, dtype=np.int32)

    assert alike(there_and_back(sent), sent)


def test_a_file_limit_sends_arrays_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process whose files may not be that long still gets its array across."""

    def too_long(_: Any) -> int:
        raise OSError("File too large")

    monkeypatch.setattr(wire, "_memory_file", too_long)
    sent = np.arange(MIB, dtype=np.int32)

    assert alike(there_and_back(sent), sent)


def test_descriptors_travel_with_a_value(ends: tuple[Channel, Channel]) -> None:
    """A descriptor that is asked for arrives beside arrays of its own frame, and leads where it led."""
    here, there = ends
    reading, writing = os.pipe()
    here.send({"array": np.zeros(MIB, np.uint16)}, (writing,))
    os.close(writing)

    value, (passed,) = there.receive_with_descriptors()
    os.write(passed, b"hello")
    os.close(passed)

    assert value["array"].nbytes == 2 * MIB
    assert os.read(reading, 10) == b"hello"
    os.close(reading)


# -- limits when sending -------------------------------------------------------------------------------------------


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth - 1):
        value = [value]
    return value


REFUSED = {
    "more than 200000 values": lambda: [0] * wire.NODE_LIMIT,
    "nested more than 64 deep": lambda: nested(wire.DEPTH_LIMIT + 2),
    "a whole number of more than 4096 bits": lambda: 1 << 4096,
    "a key of more than 64 bits": lambda: {1 << 63: 0},
    "a key of type NoneType": lambda: {None: 0},
    "a value of type set": lambda: {1},
    "a value of type float32": lambda: np.float32(1),
    "an array of dtype object": lambda: np.array([{}]),
    "more than 1 GiB": lambda: np.broadcast_to(np.zeros(1), (1 << 27, 17)),
    "more than 20000 arrays": lambda: [np.zeros(0)] * (wire.TAIL_LIMIT + 1),
    "more than 32 axes": lambda: np.zeros((1,) * 33),
    "half a surrogate pair": lambda: {"\udcff": 0},
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_may_not_cross_is_refused_when_packed(sentence: str) -> None:
    """One sentence says why, and nothing was copied: 17 GiB of 8 bytes are refused by their shape."""
    value = REFUSED[sentence]()
    tracemalloc.start()
    try:
        with pytest.raises(WireError, match=sentence):
            pack(value)
        assert tracemalloc.get_traced_memory()[1] < 64 * MIB
    finally:
        tracemalloc.stop()


def test_the_size_limit_is_of_all_arrays_together() -> None:
    """Two arrays of 0.6 GiB are more than one call may carry."""
    wide = np.broadcast_to(np.zeros(1, np.uint8), (600 * MIB,))
    packing = wire._Packing(size=600 * MIB)

    with pytest.raises(WireError, match="more than 1 GiB"):
        wire._array(wide, packing)


def test_a_head_over_one_mebibyte_is_refused(ends: tuple[Channel, Channel]) -> None:
    """Text beyond the head's limit is refused by its sender, before a byte is written."""
    here, there = ends
    with pytest.raises(WireError, match="more than 1 MiB"):
        here.send("x" * (MIB + 1))

    here.send("still in step")
    assert there.receive() == "still in step"


# -- forged frames -------------------------------------------------------------------------------------------------


def frame(head: Any, tails: bytes = b"") -> bytes:
    raw = msgpack.packb(head)
    return struct.pack(">I", len(raw)) + raw + tails


FORGED = {
    "head over 1 MiB": struct.pack(">I", MIB + 1),
    "not msgpack": struct.pack(">I", 1) + b"\xc1",
    "not UTF-8": struct.pack(">I", 2) + b"\xa1\xff",
    "two values": struct.pack(">I", 2) + b"\xc0\xc0",
    "no head": frame(7),
    "short head": frame([1, []]),
    "descriptors that did not come": frame([1, [], 1]),
    "fewer than no descriptors": frame([1, [], -1]),
    "sizes that are none": frame([1, [3], 0]),
    "a negative size": frame([1, [[-1, False]], 0]),
    "a size over the limit": frame([1, [[wire.CALL_LIMIT, False], [1, False]], 0]),
    "an endless size": frame([1, [[1 << 63, False]], 0]),
    "a memory file that did not come": frame([1, [[8, True]], 0]),
    "too many tails": frame([1, [[0, False]] * (wire.TAIL_LIMIT + 1), 0]),
    "a bare list": frame([[], [], 0]),
    "a map": frame([{"a": 1}, [], 0]),
    "an extension": frame([msgpack.ExtType(5, b"x"), [], 0]),
    "a timestamp": frame([msgpack.Timestamp(1), [], 0]),
    "an unknown kind": frame([["z", 1], [], 0]),
    "a list of no list": frame([["l", 1], [], 0]),
    "a broken pair": frame([["d", [[1]]], [], 0]),
    "a key that is a list": frame([["d", [[["l", []], 1]]], [], 0]),
    "a key that is nothing": frame([["d", [[None, 1]]], [], 0]),
    "a number of too many bits": frame([["i", b"\x01" * 600], [], 0]),
    "a complex number of text": frame([["c", "1", 2.0], [], 0]),
    "an unknown dtype": frame([["a", "O8", [1], 0], [[8, False]], 0], bytes(8)),
    "a structured dtype": frame([["a", "i4,i4", [1], 0], [[8, False]], 0], bytes(8)),
    "an array without its tail": frame([["a", "f8", [1], 0], [], 0]),
    "a tail before the first": frame([["a", "f8", [1], -1], [[8, False]], 0], bytes(8)),
    "a tail used twice": frame([["l", [["a", "u1", [8], 0], ["a", "u1", [8], 0]]], [[8, False]], 0], bytes(8)),
    "a tail used twice as bytes": frame([["l", [["b", 0], ["b", 0]]], [[8, False]], 0], bytes(8)),
    "bytes without their tail": frame([["b", 0], [], 0]),
    "a shape larger than its tail": frame([["a", "f8", [2], 0], [[8, False]], 0], bytes(8)),
    "a shape of negative sides": frame([["a", "f8", [-1, -1], 0], [[8, False]], 0], bytes(8)),
    "a shape of fractions": frame([["a", "f8", [1.0], 0], [[8, False]], 0], bytes(8)),
    "a shape of truth": frame([["a", "f8", [True], 0], [[8, False]], 0], bytes(8)),
    "a shape of too many axes": frame([["a", "f8", [1] * 33, 0], [[8, False]], 0], bytes(8)),
    "no entries, endless axes": frame([["a", "f8", [0, *[1 << 30] * 5], 0], [[0, False]], 0]),
    "a mark without a name": frame([["m", 1, 2], [], 0]),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_frame_is_a_wire_error(ends: tuple[Channel, Channel], name: str) -> None:
    """No frame of another form becomes a value, and none takes more memory than a frame may."""
    here, there = ends
    here.sock.sendall(FORGED[name])
    here.close()
    tracemalloc.start()
    try:
        with pytest.raises((WireError, EOFError)) as refusal:
            there.receive()
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()

    assert refusal.type is WireError


def test_a_frame_nested_too_deep_is_refused(ends: tuple[Channel, Channel]) -> None:
    """Nesting is bounded for the receiver too, below what Python's own recursion bears."""
    here, there = ends
    tree: Any = 1
    for _ in range(wire.DEPTH_LIMIT + 1):
        tree = ["l", [tree]]
    here.sock.sendall(frame([tree, [], 0]))

    with pytest.raises(WireError, match="too deep"):
        there.receive()


BOMBS = {
    "lists that claim what is not there": (b"\xdd" + struct.pack(">I", MIB - 10)) * 400,
    "lists within lists": b"\x91" * MIB,
    "a quarter of a million lists": b"\x93\x92\xa1l\xdd"
    + struct.pack(">I", 1 << 18)
    + b"\x92\xa1l\x90" * ((1 << 18) - 4),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_head_of_bombs_takes_bounded_memory(ends: tuple[Channel, Channel], name: str) -> None:
    """A head of 1 MiB costs at most some 200 bytes a byte: a prototype's 39 MB frame cost 5.4 GiB."""
    here, there = ends
    raw = BOMBS[name][:MIB].ljust(MIB, b"\xc0")
    tracemalloc.start()
    try:
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(here.sock.sendall, struct.pack(">I", MIB) + raw)
            with pytest.raises(WireError):
                there.receive()
            sending.result()
        assert tracemalloc.get_traced_memory()[1] < 200 * MIB
    finally:
        tracemalloc.stop()


@pytest.fixture
def sealed() -> Iterator[int]:
    """A memory file of 8 bytes, sealed as the wire seals its own."""
    descriptor = wire._memory_file(np.zeros(1))
    yield descriptor
    os.close(descriptor)


def pass_along(here: Channel, data: bytes, descriptors: list[int]) -> None:
    here.sock.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))])


EIGHT = [["a", "f8", [1], 0], [[8, True]], 0]


def test_a_memory_file_is_taken_if_it_is_sealed(ends: tuple[Channel, Channel], sealed: int) -> None:
    """The frame that the next tests break is a good one."""
    here, there = ends
    pass_along(here, frame(EIGHT), [sealed])

    assert alike(there.receive(), np.zeros(1))


def test_an_unsealed_memory_file_is_refused(ends: tuple[Channel, Channel]) -> None:
    """Its sender could cut it under our hands, and we would die of the next read."""
    here, there = ends
    with open(os.memfd_create("loose", os.MFD_ALLOW_SEALING), "w+b") as loose:
        loose.write(bytes(8))
        loose.flush()
        pass_along(here, frame(EIGHT), [loose.fileno()])

        with pytest.raises(WireError, match="not sealed"):
            there.receive()


def test_an_ordinary_file_is_no_memory_file(ends: tuple[Channel, Channel], tmp_path: Path) -> None:
    """A file on disk, or a pipe, is refused in its place."""
    here, there = ends
    (tmp_path / "file").write_bytes(bytes(8))
    with open(tmp_path / "file", "rb") as ordinary:
        pass_along(here, frame(EIGHT), [ordinary.fileno()])

        with pytest.raises(WireError, match="not sealed"):
            there.receive()


@pytest.mark.parametrize("claimed", [4, 16, 0])
def test_a_memory_file_of_another_size_is_refused(ends: tuple[Channel, Channel], sealed: int, claimed: int) -> None:
    """Its size is what the frame says, or nothing is mapped."""
    here, there = ends
    pass_along(here, frame([["a", "u1", [claimed], 0], [[claimed, True]], 0]), [sealed])

    with pytest.raises(WireError, match="another size"):
        there.receive()


def test_a_memory_file_of_huge_pages_is_no_way_out(ends: tuple[Channel, Channel]) -> None:
    """Pages that cannot be had are a forged frame like another, not a fault of the machine."""
    import fcntl

    here, there = ends
    size = 1 << 21  # one huge page
    try:
        huge = os.memfd_create("huge", os.MFD_ALLOW_SEALING | os.MFD_HUGETLB)
        os.ftruncate(huge, size)
    except OSError as fault:
        pytest.skip(f"this machine has no huge pages: {fault}")
    fcntl.fcntl(huge, fcntl.F_ADD_SEALS, wire._seals())
    pass_along(here, frame([["a", "u1", [size], 0], [[size, True]], 0]), [huge])
    os.close(huge)

    with pytest.raises(WireError):
        there.receive()


def test_stray_descriptors_are_refused_and_closed(ends: tuple[Channel, Channel], sealed: int) -> None:
    """A descriptor that nobody asked for is a broken frame, and none stays open in the receiver."""
    here, there = ends
    before = os.listdir("/proc/self/fd")
    pass_along(here, frame([1, [], 0]), [sealed])
    with pytest.raises(WireError):
        there.receive()
    pass_along(here, frame([1, [], 1]), [sealed])
    with pytest.raises(WireError, match="nobody asked for"):
        there.receive()

    assert os.listdir("/proc/self/fd") == before


def test_a_descriptor_within_a_tail_is_refused(ends: tuple[Channel, Channel], sealed: int) -> None:
    """Descriptors come with the head or not at all."""
    here, there = ends
    here.sock.sendall(frame([["b", 0], [[8, False]], 0]))
    pass_along(here, bytes(8), [sealed])

    with pytest.raises(WireError, match="nobody asked for"):
        there.receive()


def test_a_flood_of_descriptors_is_refused_and_closed(ends: tuple[Channel, Channel], sealed: int) -> None:
    """More descriptors than one frame may carry end the frame, and the receiver keeps none."""
    here, there = ends
    before = os.listdir("/proc/self/fd")
    head = frame([["b", 0], [[8, False]], 0])
    pass_along(here, head, [sealed] * 200)
    for _ in range(2):
        pass_along(here, bytes(4), [sealed] * 200)

    with pytest.raises(WireError):
        there.receive()
    assert os.listdir("/proc/self/fd") == before


def test_truth_has_one_form() -> None:
    """A byte of 2 is neither here nor there: an array of truth values holds zeros and ones alone."""
    found = unpack(["a", "b1", [3], 0], [bytearray(b"\x00\x01\x02")])

    assert found.tobytes() == b"\x00\x01\x01"


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200), st.booleans())
def test_arbitrary_bytes_are_no_frame(data: bytes, framed: bool) -> None:
    """Whatever is written to the socket, the receiver gets plain data, the end, or a wire error."""
    outcome(struct.pack(">I", len(data)) + data if framed else data)


trees = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 64) - 1) | st.floats() | texts | st.binary(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(st.sampled_from("ltdamibce"), inner).map(list)
        | st.tuples(st.sampled_from("amc"), inner, inner).map(list)
        | st.tuples(st.just("a"), dtypes, st.lists(st.integers(0, 3), max_size=3), st.integers(0, 2)).map(list)
        | st.dictionaries(texts, inner, max_size=2)
    ),
    max_leaves=12,
)
sizes = st.lists(st.tuples(st.integers(-1, 24), st.booleans()).map(list), max_size=3)


@settings(deadline=None, max_examples=300)
@given(trees, sizes | trees, st.integers(-1, 2) | trees, st.binary(max_size=64))
def test_arbitrary_trees_are_data_or_nothing(tree: Any, sizes: Any, passed: Any, tails: bytes) -> None:
    """Whatever stands in the head, the receiver gets plain data, the end, or a wire error."""
    outcome(frame([tree, sizes, passed], tails))


def outcome(data: bytes) -> None:
    """Receive `data`: plain values or one of the two errors."""
    here, there = map(Channel, socket.socketpair())
    try:
        here.sock.sendall(data)
        here.close()
        assert plain(there.receive())
    except (WireError, EOFError):
        pass
    finally:
        here.close()
        there.close()


def plain(value: Any) -> bool:
    if type(value) in (list, tuple):
        return all(map(plain, value))
    if type(value) is dict:
        return all(type(key) in (str, int, float, bool) and plain(item) for key, item in value.items())
    if type(value) is Marked:
        return type(value.tag) is str and plain(value.payload)
    if type(value) is np.ndarray:
        return f"{value.dtype.kind}{value.dtype.itemsize}" in wire.DTYPES
    return value is None or value is ... or type(value) in (bool, int, float, complex, str, bytes)


# -- deadlines -----------------------------------------------------------------------------------------------------


def test_receiving_ends_at_the_deadline(ends: tuple[Channel, Channel]) -> None:
    """Who sends half a frame and waits is not waited for."""
    here, there = ends
    here.sock.sendall(b"\0\0")

    with pytest.raises(TimeoutError):
        there.receive(deadline=0.0)
    with pytest.raises(TimeoutError):
        there.receive(deadline=_soon())


def test_sending_ends_at_the_deadline(ends: tuple[Channel, Channel]) -> None:
    """Who does not read is not waited for either."""
    here, _ = ends

    with pytest.raises(TimeoutError):
        here.send([np.zeros(MIB, np.uint8)] * 8, deadline=_soon())


def _soon() -> float:
    import time

    return time.monotonic() + 0.2


def test_the_end_is_an_end(ends: tuple[Channel, Channel]) -> None:
    """A closed connection is EOFError, between frames and within one."""
    here, there = ends
    here.sock.sendall(b"\0\0\0")
    here.close()

    with pytest.raises(EOFError):
        there.receive()
