"""What student code returned becomes plain data, or one phrase that names it; networks are read from their tables."""

from __future__ import annotations

import enum
from collections import OrderedDict, defaultdict, namedtuple
from typing import Any

import numpy as np
import pytest
import torch

from grader.errors import WireError
from grader.sandbox.describe import FORMULA_LIMIT, Handles, describe, describe_network
from grader.sandbox.weights import tensors_of
from grader.sandbox.wire import DEPTH_LIMIT, Marked, pack


class Grade(enum.IntEnum):
    GOOD = 3


class Name(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "another"


class Share(float):
    pass


Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Grade.GOOD, 3),
        (Share(0.5), 0.5),
        (Name("own"), "own"),
        (np.float64(0.5), 0.5),
        (np.str_("a"), "a"),
        (np.bytes_(b"a"), b"a"),
        (torch.tensor(3), 3),
        (torch.tensor(0.5, dtype=torch.bfloat16), 0.5),
        (Point(1, 2), (1, 2)),
        (torch.Size([2, 3]), (2, 3)),
        (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (defaultdict(int, {np.int64(1): 2}), {1: 2}),
        (range(3), [0, 1, 2]),
    ],
)
def test_relatives_of_base_types_become_base_types(value: Any, plain: Any) -> None:
    """Subclasses and scalars of libraries arrive as the exact base type that they stand for."""
    found = describe(value, Handles())

    assert found == plain
    assert type(found) is type(plain)


@pytest.mark.parametrize(
    ("value", "phrase"),
    [
        ({1}, "type set"),
        (object(), "type object"),
        (range(1 << 40), "type range"),
        (iter([]), "type list_iterator"),
        (np.ma.masked_array([1]), "type MaskedArray"),
        (np.longdouble(1), "longdouble"),
        (np.datetime64("2026-01-01"), "type datetime64"),
        (torch.Generator(), "a generator of random numbers"),
        (torch.eye(2).to_sparse(), "a sparse or quantised tensor"),
        (torch.zeros(2, dtype=torch.float8_e4m3fn), "a tensor of dtype torch.float8_e4m3fn"),
        ({None: 1}, "a dict with a key of type NoneType"),
        (torch.nn.Sequential(torch.nn.LazyLinear(3)), "a network whose lazy layers have not run yet"),
    ],
)
def test_the_rest_is_named(value: Any, phrase: str) -> None:
    """What may not cross is named as a student would name it."""
    with pytest.raises(WireError) as refusal:
        pack(describe(value, Handles()))
    assert phrase in str(refusal.value)


def test_what_holds_itself_is_refused() -> None:
    """A list within itself ends at the wire's depth, not at Python's."""
    loop: list[Any] = []
    loop.append(loop)

    with pytest.raises(WireError, match=f"more than {DEPTH_LIMIT} deep"):
        describe(loop, Handles())


def test_a_formula_is_its_text() -> None:
    """Sympy expressions become text of at most 2,000 characters."""
    import sympy

    x = sympy.Symbol("x")

    assert describe(x**2, Handles()) == Marked("formula", "x**2")
    with pytest.raises(WireError, match=str(FORMULA_LIMIT)):
        describe(sympy.Symbol("x" * 2001), Handles())


def test_tensors_give_up_their_device_and_gradient() -> None:
    """Conjugated, negated and tracked tensors arrive as the numbers that they stand for."""
    tracked = torch.tensor([1 + 2j], requires_grad=True)

    assert describe(tracked.conj(), Handles()).tolist() == [1 - 2j]
    assert describe(torch.tensor([1.0, 2.0]).expand(2, 2), Handles()).tolist() == [[1, 2], [1, 2]]


class Conv2d(torch.nn.Conv2d):
    """A class of the student's under a name of torch's."""


class Own(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = torch.nn.Linear(3, 2, bias=False)
        self.tied = torch.nn.Linear(3, 2, bias=False)
        self.tied.weight = self.first.weight
        self.frozen = torch.nn.Linear(2, 1).requires_grad_(False)
        self.norm = torch.nn.BatchNorm1d(2)
        self.nothing = None
        self.convolution = Conv2d(1, 1, 1)
        self.again = self.norm

    def parameters(self, recurse: bool = True) -> Any:
        return iter([])

    def modules(self) -> Any:
        return iter([])

    def state_dict(self, *_: Any, **__: Any) -> Any:
        return {}


def test_a_network_is_read_from_its_own_tables() -> None:
    """Tied, frozen and buffered tensors stand in the table as what they are, whatever the class says about itself."""
    found = describe_network(Own(), Handles())

    assert found["table"][:4] == [
        ["first.weight", (2, 3), True, True, ""],
        ["tied.weight", (2, 3), True, True, "first.weight"],
        ["frozen.weight", (1, 2), False, True, ""],
        ["frozen.bias", (1,), False, True, ""],
    ]
    assert ["norm.running_mean", (2,), False, False, ""] in found["table"]
    assert [row[0] for row in found["table"]].count("norm.weight") == 1
    assert not any(row[0].startswith("again") for row in found["table"])


def test_layers_are_told_with_their_settings() -> None:
    """Torch's own layers come with what their constructors were told; a student's class never passes for one."""
    layers = {path: (kind, settings) for path, kind, settings, _ in describe_network(Own(), Handles())["layers"]}

    assert layers[""] == ("Own", {})
    assert layers["first"] == ("Linear", {"in_features": 3, "out_features": 2, "bias": False})
    assert layers["convolution"] == ("own Conv2d", {})


def test_a_module_has_one_handle() -> None:
    """The same module gets the same number, another one the next; numbers lead back."""
    handles = Handles()
    one, two = torch.nn.ReLU(), torch.nn.ReLU()

    assert [handles.number(net) for net in (one, two, one)] == [0, 1, 0]
    assert handles[1] is two


def test_every_tensor_has_one_name() -> None:
    """Weights are handed over once each, under their first name, buffers too."""
    found = tensors_of(Own())

    assert "tied.weight" not in found
    assert set(found) == {row[0] for row in describe_network(Own(), Handles())["table"] if not row[4]}
