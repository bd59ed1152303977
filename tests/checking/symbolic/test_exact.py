"""What decides between values is a fraction: a zero is zero, however its terms would be rounded."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader.checking.symbolic.evaluate import Precise
from grader.checking.symbolic.exact import MOST_BITS, deciding, exact
from grader.checking.symbolic.formula import parse
from grader.checking.symbolic.graph import Graph

NAMES = {"n": "integer", "x": "real"}


def value(text: str, n: Fraction | int) -> object:
    graph = Graph()
    return Precise(graph, [parse(text, graph, NAMES).root]).at({"n": Fraction(n), "x": Fraction(1, 3)}, 50)[0]


@pytest.mark.parametrize(
    ("text", "n", "right"),
    [
        ("sign(n/7 - 3/7)", 3, 0),
        ("Heaviside(0.1*n - 0.7)", 7, Fraction(1, 2)),
        ("where(n/6 >= 5/6, 1, 0)", 5, 1),
        ("where(max(n, x)^2/49 == 9/49, 1, 0)", 3, 1),
        ("where(abs(n)^2/49 == 9/49, 1, 0)", -3, 1),
        ("1/(n/7 - 3/7)", 3, None),
    ],
)
def test_a_zero_is_zero(text: str, n: int, right: Fraction | None) -> None:
    """Jumps and poles lie exactly where they are, at integers and labels too."""
    assert value(text, n) == (None if right is None else float(right))


def test_only_what_decides_is_computed_so() -> None:
    """Sums under no jump and no pole stay in digits, and so does what is not rational."""
    graph = Graph()
    root = parse("n/7 + exp(x) + sign(exp(n)) + 1/(1 + exp(-x))", graph, NAMES).root

    assert not deciding(graph, graph.reach([root]))


def test_long_fractions_are_left_to_digits() -> None:
    """A fraction of too many digits is none that anybody has written."""
    graph = Graph()
    n = graph.put("sym", "n")
    square = graph.nodes[graph.power(n, graph.number(2))]
    long = Fraction(1, 3**MOST_BITS)

    assert exact(("sym", "n"), {}, {"n": long}) is None
    assert exact(square, {}, {"n": long}) is None
    assert exact(square, {n: long, square[2]: Fraction(2)}, {}) is None
    assert exact(square, {n: Fraction(2, 3), square[2]: Fraction(2)}, {}) == Fraction(4, 9)
    assert value("sign(n)", long) == 1
