"""The wire's table, row by row: as an answer and as an argument, of a student's module and of ours."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader import inside
from grader.checking.check_context import WRAP
from grader.checking.network import Network
from grader.checking.plot import Figure
from grader.sandbox.arguments import folder, network, seeded, tensor
from grader.sandbox.faults import NotSent, Refused
from grader.sandbox.submission import Formula, Line, OwnResponder, Proxy
from grader.sandbox.worker import import_file
from tests.frames import alike
from tests.workers import OpenHandIn

MODULE = '''
import os, pathlib
from decimal import Decimal
from fractions import Fraction
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
    "type set;": lambda: {1},
    "type object;": lambda: object(),
    "a function": lambda: print,
    "a Generator": lambda: np.random.default_rng(0),
    "a generator of random numbers": lambda: torch.Generator(),
    "type PosixPath;": lambda: pathlib.Path("."),
    "type Odd;": lambda: np.zeros(2).view(Odd),
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

def exact():
    import sympy
    return [sympy.Integer(7), sympy.Float("0.25"), Fraction(1, 5), Decimal("2.50"),
            sympy.Matrix([[1, 2.5], [sympy.pi, 4]])]

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
    return Proxy(Line(OwnResponder(import_file(path)), 30.0, WRAP))


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
    with pytest.raises(Refused, match="type PosixPath;"):
        student.odd("type PosixPath;")


def test_row_formulas(side: Any) -> None:
    """A sympy expression comes back as its text, up to 2,000 characters."""
    product, (third,) = side.formula()

    assert (product, third) == (Formula("x*tanh(x)"), Formula("1/3"))
    assert str(product) == "x*tanh(x)"
    with pytest.raises(Refused):
        side.long_formula()


def test_row_exact_numbers(side: Any) -> None:
    """Whole numbers and decimals of sympy are Python's, fractions cross as text, and tables of them as lists."""
    whole, decimal, fifth, money, matrix = side.exact()

    assert (whole, decimal) == (7, 0.25)
    assert (type(whole), type(decimal)) == (int, float)
    assert (fifth, money) == (Formula("1/5"), Formula("2.50"))
    assert matrix == [[1, 2.5], [Formula("pi"), 4]]


@pytest.mark.parametrize(
    ("text", "number"),
    [("5/2", 2.5), ("-3", -3.0), ("2.50", 2.5), ("1e99999999", math.inf), ("1/0", None), ("x/2", None), ("", None)],
)
def test_a_formula_that_is_a_number(text: str, number: float | None) -> None:
    """A fraction or a decimal is a number as it stands; other texts are none."""
    assert Formula(text).number == number


def test_row_figures(hand_in: OpenHandIn) -> None:
    """Figures come back as descriptions with their pictures, several at once too; none goes in."""
    student = hand_in(MODULE).proxy
    found = student.figures(4)

    assert all(isinstance(figure, Figure) and figure.png.startswith(b"\x89PNG") for figure in found)
    assert sum(len(figure.png) for figure in found) > 200_000
    with pytest.raises(NotSent):
        student.same(found[0])


ODD = [
    "type set;",
    "type object;",
    "type Odd;",
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


def test_a_type_has_no_article_of_another_language(hand_in: OpenHandIn) -> None:
    """The bare name crosses, and each sentence has its own words around it."""
    with pytest.raises(Refused) as refusal:
        hand_in(MODULE).proxy.odd("type Odd;")

    assert "It returned a value of type Odd; return numbers, " in refusal.value.text.en
    assert "خروجی شما از نوع Odd است؛" in refusal.value.text.fa


def test_the_module_that_plots_is_no_figure(hand_in: OpenHandIn) -> None:
    """A typical slip: `return plt` reads which name the figure has."""
    slip = "import matplotlib.pyplot as plt\n\n\ndef plot():\n    plt.plot([1, 2])\n    return plt\n"

    with pytest.raises(Refused, match=r"It returned plt, .*; return the figure: fig, not plt"):
        hand_in(slip).proxy.plot()


def test_who_returns_a_class_is_asked_to_call_it(hand_in: OpenHandIn) -> None:
    """`return Net` for `return Net()` is a slip of two brackets: "a value of type type" would not lead to them."""
    with pytest.raises(Refused, match="with brackets behind its name"):
        hand_in("class Net:\n    pass\n\ndef build():\n    return Net").proxy.build()


def test_row_source(side: Any) -> None:
    """Our own function goes in as source and runs beside the student's module."""
    assert side(rows_and_columns, side.networks()[0]) == (2, 3)


@inside
def rows_and_columns(net: Any) -> Any:
    import torch

    assert isinstance(net, torch.nn.Module)
    return tuple(net.layer.weight.shape)
