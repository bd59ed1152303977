"""Random formulas: rewritten they are the same, and changed they are not."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from grader.checking.symbolic.comparison import compare
from grader.checking.symbolic.evaluate import Precise
from grader.checking.symbolic.formula import parse
from grader.checking.symbolic.graph import Graph
from grader.checking.symbolic.verdict import Decision

LEAVES = st.sampled_from(["x", "x", "a", "2", "3", "1/2", "0.3"])


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    functions = st.sampled_from(["exp", "tanh", "sigmoid", "softplus", "abs", "sign", "cosh", "atan", "sech", "relu"])
    return (
        st.builds("{}({})".format, functions, inner)
        | st.builds("({}){}({})".format, inner, st.sampled_from("+-*"), inner)
        | st.builds("({})/(1+({})^2)".format, inner, inner)
        | st.builds("max({},{})".format, inner, inner)
        | st.builds("where({}<{},{},{})".format, inner, inner, inner, inner)
    )


FORMULAS = st.recursive(LEAVES, _grow, max_leaves=6)
REWRITINGS = [
    "({})*(1+exp(x))/(exp(x)+1)",
    "({})*(cosh(x)^2-sinh(x)^2)",
    "({})+tanh(x)-1+2/(exp(2x)+1)",
    "({})*sign(x)*sign(x)",
    "max({0},{0}-a)",
    "where(x<a,{0},{0})",
    "({})+log(1+exp(x))-softplus(-x)-x",
    "-(0-({}))",
]
CHANGES = ["({})*1.01+0.01", "({})+x/50", "({})+0.1*sign(x-2)", "({})+where(abs(x-3)<0.001,1,0)"]
DOMAINS = {"x": "real", "a": "positive"}
GENTLE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine


@GENTLE
@given(FORMULAS, st.sampled_from(REWRITINGS))
def test_rewriting_changes_nothing(formula: str, rewriting: str) -> None:
    """A formula is never different from itself rewritten."""
    found = compare(rewriting.format(formula), formula, DOMAINS)

    assert found.verdict in (Decision.PROVED, Decision.NUMERICALLY, Decision.UNDECIDED)


@GENTLE
@given(FORMULAS, st.sampled_from(CHANGES))
def test_a_change_is_seen(formula: str, change: str) -> None:
    """A formula is never equal to itself with something added, be it only on a short interval."""
    graph = Graph()
    root = parse(formula, graph, DOMAINS).root
    values = Precise(graph, [root]).at({"x": Fraction(3), "a": Fraction(1)}, 30)
    assume(values[0] is not None and abs(values[0]) < 100 and abs(values[0] + 1) > 1e-2)

    assert not compare(change.format(formula), formula, DOMAINS).equal
