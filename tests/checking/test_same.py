"""`same`: what students hand in is told apart in one sentence, and what was recognised is in the ledger."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

from grader.checking.ledger import hint, opened
from grader.checking.same import Same, same, steps
from grader.checking.symbolic import client
from grader.errors import CourseError
from tests.checking.compared import compared
from tests.checking.symbolic.formulas import MISH, X

SYMBOL = sympy.Symbol("x")
EXPRESSION = sympy.diff(SYMBOL * sympy.tanh(sympy.log(1 + sympy.exp(SYMBOL))), SYMBOL)
INNER = (0.4, "tanh(softplus(x)) + x*sech(tanh(softplus(x)))**2*sigmoid(x)", hint("inner", "One tanh too many."))


@pytest.fixture(scope="module", autouse=True)
def _ended() -> Iterator[None]:
    yield
    client.close()


@dataclass(frozen=True)
class Wired:
    """What the wire hands over for a sympy expression."""

    text: str


@pytest.mark.parametrize("answer", [MISH, Wired(MISH), EXPRESSION])
def test_right_answers(answer: Any) -> None:
    """Text, a formula off the wire and a sympy expression are all formulas."""
    ok, book = compared(answer, same(MISH, X, [INNER]))

    assert ok
    assert book.share == 1
    assert book.hints == []


@pytest.mark.parametrize(("answer", "expected"), [(3, "3"), (0.25, "1/4"), (1e300, "10^300"), (-2, "0-2")])
def test_numbers_are_constant_formulas(answer: float, expected: str) -> None:
    """A number is the formula that it is."""
    assert compared(answer, same(expected, X))[0]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (None, "returned None"),
        (True, "returned bool"),
        ([MISH], "returned list"),
        (b"x", "returned bytes"),
        (np.zeros(3), "returned ndarray"),
        (float("nan"), "returned nan"),
        (10**50, "no number"),
        ("", "no formula"),
        ("idk", "idk (character 1)"),
        ("9**9**9**9", "larger than 1000"),
        ("x" * 100_000, "2000 characters"),
        ("x", "At x = 1 yours gives 1"),
    ],
)
def test_wrong_answers_get_one_sentence(answer: Any, sentence: str) -> None:
    """Whatever came instead is named in one sentence, in both languages, and the check fails."""
    ok, book = compared(answer, same(MISH, X))

    assert ok is False
    assert len(book.texts) == 1
    assert sentence in book.texts[0].en
    assert book.texts[0].fa


def test_what_stands_beside_a_slash_is_told() -> None:
    """1/2x is x/2; who meant 1/(2x) reads why it is wrong."""
    _, book = compared("1/2x", same("1/(2*x)", {"x": "positive"}))

    assert len(book.texts) == 2
    assert "from character 4 on was read beside the slash" in book.texts[1].en
    assert compared("1/2x", same("x/2", X))[1].texts == []


def test_a_rounded_mistake_without_a_hint() -> None:
    """An answer that is right but for rounding, where no constant has to be rounded, may be a known mistake as well."""
    _, book = compared("x*1.00000002", same("x", X, [(0.5, "x*1.00000001")], rounding=0))

    assert book.share == Fraction(1, 2)
    assert "are constants rounded" in book.texts[0].en


def test_expected_value_goes_to_the_instructor() -> None:
    """The student reads what the answer gives; what is right stands in the detail alone."""
    _, book = compared("x + 1", same("7*x", X))

    assert "expected 7" in book.details[0]
    assert "7" not in book.texts[0].en


def test_recognised_mistake() -> None:
    """A known mistake, in another form, earns its share and its hint."""
    ok, book = compared("tanh(softplus(x)) + x*sigmoid(x)/cosh(tanh(softplus(x)))^2", same(MISH, X, [INNER]))

    assert ok
    assert book.share == Fraction(2, 5)
    assert [h.key for h in book.hints] == ["inner"]


def test_a_mistake_may_go_without_a_hint() -> None:
    """The student reads where it differs, or the sentence that stands there in its place."""
    plain = compared("sin(x)", same("x", X, [(0.5, "sin(x)")]))[1]
    told = compared("sin(x)", same("x", X, [(0.5, "sin(x)", "Not the sine.")]))[1]

    assert (plain.share, plain.texts[0].en.startswith("At x = ")) == (Fraction(1, 2), True)
    assert told.hints == ["Not the sine."]


@pytest.mark.parametrize(
    "slip", [{"mistakes": [(40, "3*x")]}, {"mistakes": [("3*x", 0.4)]}, {"mistakes": [(0.4,)]}, {"rounding": 75}]
)
def test_shares_are_no_percents(slip: dict[str, Any]) -> None:
    """Forty times the points would be given else."""
    with pytest.raises(CourseError, match=r"same\(\)"):
        same("2*x", X, **slip)


def test_unwritten_cell() -> None:
    """An answer still ... is unwritten, not wrong."""
    ok, book = compared(..., same("x", X))

    assert not ok
    assert book.unwritten == 1


def test_rounding_is_the_checks_decision() -> None:
    """A rounded constant earns the check's share, by default all, and is told."""
    formula, answer = "x*sqrt(2/pi)", "0.7978845608*x"

    ok, book = compared(answer, same(formula, X))
    assert ok
    assert book.share == 1
    assert book.texts[0].en.startswith("Right up to rounding: write constants exactly, ")
    assert compared(answer, same(formula, X, rounding=0.5))[1].share == Fraction(1, 2)
    ok, book = compared(answer, same(formula, X, rounding=0))
    assert not ok
    assert "rounded" in book.texts[0].en


def test_forbidden_function() -> None:
    """`without` keeps a function from being its own definition."""
    ok, book = compared("mish(x)", same("x*tanh(softplus(x))", X, without=("mish",)))

    assert not ok
    assert "may not be used" in book.texts[0].en


def test_undecided_waits_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """A formula that the helper cannot decide is no zero: the ledger says undecided."""
    asked: list[str] = []

    def silent(request: dict[str, Any], seconds: float = 0) -> None:
        asked.append(request["do"])

    monkeypatch.setattr(client, "ask", silent)
    ok, book = compared("x", same("x", X))

    assert not ok
    assert book.undecided
    assert asked == ["compare"]
    assert book.texts[0].en.endswith("whether this formula is right: a person will look at it.")
    assert "x against x" in book.details[0]


def test_mistakes_that_run_out_of_time_are_not_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the mistakes take too long, the answer is wrong as it would be without them."""
    monkeypatch.setattr(client, "which_mistake", lambda *_: None)
    ok, book = compared(INNER[1], same(MISH, X, [INNER]))

    assert not ok
    assert not book.undecided


def test_unreadable_reference_is_the_authors_fault() -> None:
    """A check's own formula that cannot be read raises for its author."""
    with pytest.raises(CourseError):
        compared("x", same("x +", X))


def test_numpy_does_not_broadcast_over_it() -> None:
    """An array is one wrong answer, not an array of them."""
    assert isinstance(np.ones(2) == same("x", X), bool)
    assert "x" in repr(Same("x", X, (), (), 1.0))


def test_steps() -> None:
    """A derivation holds line by line; the first broken line is named by its number, an empty one loses nothing."""
    assert compared([], steps(X))[0]
    assert compared(["(x+1)^2", "x^2+2x+1"], steps(X))[0]
    assert compared(["f(x) = (x+1)^2", "= x^2+2x+1"], steps(X))[0]
    ok, book = compared(["(x+1)^2", "x^2+1", "x^2+2"], steps(X))
    assert not ok
    assert book.texts[0].en.startswith("Line 2")
    assert "x +" not in repr(steps(X))


@pytest.mark.parametrize(
    ("lines", "place"),
    [(["x", "x +"], 2), (["x +", "x"], 1), (["x" * 3000] * 100, 1), (["\U0001f600" * 3000] * 100, 1)],
    ids=["the second", "the first", "each too long", "each of long characters"],
)
def test_steps_that_cannot_be_read(lines: list[str], place: int) -> None:
    """Of a line that cannot be read nobody says that it does not follow."""
    ok, book = compared(lines, steps(X))

    assert not ok
    assert book.texts[0].en == f"Line {place} of your derivation could not be read."


@pytest.mark.parametrize(
    ("answer", "sentence"), [(None, "None"), ("x", "str"), (["x", None], "None"), (["x", "x +"], "Line 2")]
)
def test_steps_that_are_none(answer: Any, sentence: str) -> None:
    """What is no list of formulas is named in one sentence."""
    ok, book = compared(answer, steps(X))

    assert not ok
    assert sentence in book.texts[0].en


def test_steps_without_end_are_refused() -> None:
    """More lines than anybody derives are not compared, and the student reads why."""
    ok, book = compared(["x"] * 101, steps(X))

    assert (ok, book.texts[0].en.startswith("There are more than 100 lines")) == (False, True)


@pytest.mark.parametrize("comparer", [same("x", X), steps(X)])
def test_an_unequal_sign_writes_nothing_down(comparer: Any) -> None:
    """What is asked to differ earns no share by being equal."""
    answer = "x" if isinstance(comparer, Same) else ["x", "x"]
    with opened() as book:
        assert not operator.ne(answer, comparer)
        assert operator.ne("2*x", comparer)

    assert (book.shares, book.texts) == ([], [])


def test_steps_unwritten_and_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    """... is unwritten; lines that nobody could compare wait for a person."""
    assert compared(..., steps(X))[1].unwritten == 1
    assert compared(["x", ...], steps(X))[1].unwritten == 1
    monkeypatch.setattr(client, "ask", lambda *_: None)
    _, book = compared(["x", "x"], steps(X))
    assert book.undecided
    assert book.texts[0].en.startswith("We could not decide by machine ")
