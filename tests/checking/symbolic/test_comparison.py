"""The same function is recognised in any form, a different one is shown where it differs, and doubt is never a zero."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from fractions import Fraction

import pytest
import sympy

from grader.checking.symbolic.comparison import broken_step, compare, recognised
from grader.checking.symbolic.evaluate import Precise
from grader.checking.symbolic.formula import parse
from grader.checking.symbolic.graph import Graph
from grader.checking.symbolic.verdict import Decision
from grader.errors import CourseError
from tests.checking.symbolic.formulas import MISH, STEP, X

XYZ = {"x": "real", "y": "real", "z": "real"}
TWELVE = {f"z{k}": "real" for k in range(12)}
HUBER = "Piecewise((p-y, Abs(y-p) <= d), (d*sign(p-y), True))"
ELU = "Piecewise((1, x > 0), (alpha*exp(x), True))"
ALPHA = {"x": "real", "alpha": "positive"}
LABEL = {"p": "in(0,1)", "y": "label01"}
LABELS = {"p": "in(0,1)", **dict.fromkeys("abcdfgh", "label01")}
COUNT = {"x": "positive", "n": "integer>=2"}


@pytest.mark.parametrize(
    ("answer", "expected", "symbols"),
    [
        ("(1+tanh(x/2))/2", "sigmoid(x)", X),
        ("1-exp(-softplus(x))", "sigmoid(x)", X),
        ("exp(-abs(x))/(1+exp(-abs(x)))^2", "sigmoid(x)*(1-sigmoid(x))", X),
        ("exp(x)*(4*(x+1)+4*exp(2*x)+exp(3*x)+exp(x)*(4*x+6))/(2*exp(x)+exp(2*x)+2)^2", MISH, X),
        ("max(0, sign(x))", STEP, X),
        ("heaviside(max(x, 0), 0)", STEP, X),
        ("1 if x > 0, 0 if x < 0, undefined if x = 0", STEP, X),
        ("\\begin{cases} 1 & x > 0 \\\\ 0 & x < 0 \\\\ \\text{undefined} & x = 0 \\end{cases}", STEP, X),
        ("where(x == 0, np.nan, where(x > 0, 1, 0))", STEP, X),
        ("Heaviside(x)", STEP, X),
        ("Piecewise((0, x<0), (1, x>0))", STEP, X),
        ("min(1, exp(x))", "Piecewise((1, x>0), (exp(x), True))", X),
        ("log(x^2)", "2*log(abs(x))", X),
        ("log(cosh(x))", "softplus(2x) - x - log(2)", X),
        ("sqrt(8)*x", "2*sqrt(2)*x", X),
        ("1/sqrt(2)", "sqrt(2)/2", X),
        ("sin(2x)/2 + 1 - cos(x)^2", "sin(2x)/2 + sin(x)^2", X),
        ("(x+sqrt(x^2+b))/(2*sqrt(x^2+b))", "(1+x/sqrt(x^2+b))/2", {"x": "real", "b": "positive"}),
        ("max(a*sign(x), sign(x))*sign(x)", "Piecewise((1, x>0), (a, True))", {"x": "real", "a": "in(0,1)"}),
        ("max(k*x, x)", "max(x,0) + k*min(x,0)", {"x": "real", "k": "in(0,1)"}),
        ("y^2 + p", "y + p", {"y": "label01", "p": "real"}),
        ("y^2*p", "p", {"y": "label+-1", "p": "real"}),
        ("-y*(1+sign(1-y*z))/2", "Piecewise((-y, y*z < 1), (0, True))", {"z": "real", "y": "label+-1"}),
        ("n*x^n/x", "n*x^(n-1)", {"x": "real", "n": "integer>=2"}),
        ("s1*(1-s1)", "exp(z1+z2)/(exp(z1)+exp(z2))^2", {"z1": "real", "z2": "real"}),
        ("e^(u)*u", "x*exp(x)", {"x": "real", "u": "= 2x/2"}),
        ("(x+1)^20", "(x+1)^10*(x+1)^10", X),
        ("max(x, exp(x))*(cosh(x)^2 - sinh(x)^2)", "max(x, exp(x))", X),
        ("y^3", "y", {"y": "label+-1"}),
        ("where(y == 1, -log(p), -log(1-p))", "-y*log(p) - (1-y)*log(1-p)", LABEL),
        ("p - 1[y == 1]", "p - y", LABEL),
        ("where(y == 1, 2, 3)", "3 - y", {"y": "label01"}),
    ],
)
def test_equal_and_proved(answer: str, expected: str, symbols: dict[str, str]) -> None:
    """An identity of exponentials, logarithms, roots, kinks and labels is proved, not only sampled."""
    found = compare(answer, expected, symbols)

    assert found.verdict is Decision.PROVED
    assert found.equal
    assert found.counterexample is None


@pytest.mark.parametrize(
    ("answer", "expected", "symbols"),
    [
        ("sin(3x)", "3*sin(x) - 4*sin(x)^3", X),
        (
            "max(-d, min(d, p-y))",
            HUBER,
            {"p": "real", "y": "real", "d": "positive"},
        ),
        ("atan(x) + atan(1/x)", "pi/2", {"x": "positive"}),
        ("max(n*x, n)*n/n", "n*max(x, 1)", COUNT),
        ("sign(n/7 - 3/7)", "sign(n - 3)", COUNT),
        ("where(n/6 >= 5/6, x, 0)", "where(n >= 5, x, 0)", COUNT),
        ("where((x+1)^2 - x^2 - 2x > 0, atan(x), log(x))", "2*atan(x/(1+sqrt(1+x^2)))", X),
        (f"max({','.join(TWELVE)})", f"max({','.join(reversed(TWELVE))})", TWELVE),
    ],
)
def test_equal_numerically(answer: str, expected: str, symbols: dict[str, str]) -> None:
    """What we cannot prove is equal by its points, and says so."""
    found = compare(answer, expected, symbols)

    assert found.verdict is Decision.NUMERICALLY
    assert found.equal
    assert found.points >= 4


@pytest.mark.parametrize(
    ("answer", "expected", "symbols"),
    [
        ("sigmoid(x)", "sigmoid(x)*(1-sigmoid(x))", X),
        ("Heaviside(x-0.001)", STEP, X),
        ("Piecewise((x, abs(x-7.3) > 0.0001), (0, True))", "x", X),
        ("Piecewise((x, x < 100), (0, True))", "x", X),
        ("Piecewise((x, x^2 < 10000), (0, True))", "x", X),
        ("Piecewise((x, |x| < 7e5), (0, True))", "x", X),
        ("Piecewise((k, x^2 > 1e20), (max(x, k), True))", "max(x, k)", {"x": "positive", "k": "in(0,1)"}),
        ("max(x, k*x)", "max(x,0) + k*min(x,0)", {"x": "real", "k": "positive"}),
        ("alpha*exp(x)", "exp(x)", {"x": "real", "alpha": "positive"}),
        ("s1 - 1", "s1 - y", {"z1": "real", "z2": "real", "y": "label01"}),
        ("sigmoid(x)*(1-sigmoid(x)) + 0.001*x*exp(-x^2)", "sigmoid(x)*(1-sigmoid(x))", X),
        ("sin(100x)", "sin(100x) + 0.001", X),
        ("2*log(x)", "log(x^2)", X),
        ("e^2x", "e^(2x)", X),
        ("sqrt(x)", "sqrt(abs(x))", X),
        ("max(x, max(x, a)) + where(abs(x-3)<0.001, 1, 0)", "max(x, max(x, a))", {"x": "real", "a": "positive"}),
        ("3", "4", X),
        ("exp(x+800)", "exp(x+801)", X),
        ("5", "7*10^400", X),
        ("exp(-801)", "exp(-800)", X),
        ("Piecewise((sinh(x), x < 750), (0, True))", "sinh(x)", X),
        (ELU.replace("True", "x > -15), (0, True"), ELU, ALPHA),
        (ELU.replace("True", "x > -15), (-alpha*exp(x), True"), ELU, ALPHA),
        (f"Piecewise((0, x < -20), ({MISH}, True))", MISH, X),
        (f"{ELU} + (x > 3)*(x < 3.01)*(alpha > 0.5)*(alpha < 0.501)", ELU, ALPHA),
        ("x*y*z + (x>1)*(x<1.01)*(y>-2)*(y<-1.999)*(z>3)*(z<3.01)", "x*y*z", XYZ),
        ("where(y == 1, 7, p)", "p", LABEL),
        ("where(y == 0, 1/p, 1/(1-p))", "where(y == 0, -1/p, 1/(1-p))", LABEL),
        ("p/y", "p/(2-y)", LABEL),
        ("p + a*(1-b)*c*(1-d)", "p", LABELS),
        ("b + h*p + (c+d+f+g)*p^2", "a*b + h*p + (c+d+f+g)*p^2", LABELS),
        ("where(n == 7, 2, x)", "x", COUNT),
        ("where(n/7 - 3/7 == 0, 5, x)", "x", COUNT),
        ("where(abs(n/10 - 0.3) <= 0, 5, x)", "x", COUNT),
        ("p*(y/10 - 1/10)/(y/10 - 1/10)", "p", LABEL),
        ("where(n > 30, 2, x)", "x", COUNT),
        ("x + (n-2)*(n-3)*(n-4)*(n-5)*(n-6)*(n-7)", "x", COUNT),
        ("where(w >= x, 0, where(w <= 3, 5, w))", "where(w >= x, 0, 5)", {"x": "real", "w": "real"}),
        ("where(k^2 > 0.9999, 2, k)", "k", {"k": "in(0,1)"}),
        ("where(a^2 < 1e-12, 2, a)", "a", {"a": "positive"}),
        ("where((abs(x-1)<0.01)&(abs(y-x)<0.01)&(abs(z-x-y)<0.01), 7, x*y*z)", "x*y*z", XYZ),
    ],
)
def test_different_with_a_true_counterexample(answer: str, expected: str, symbols: dict[str, str]) -> None:
    """A wrong answer comes with a place where sixty digits confirm that it differs."""
    found = compare(answer, expected, symbols)

    assert found.verdict is Decision.DIFFERENT
    assert not found.equal
    assert found.counterexample is not None
    graph = Graph()
    names = {**symbols, **({"s1": "=1/(1+exp(z2-z1))"} if "z1" in symbols else {})}
    roots = [parse(text, graph, names).root for text in (answer, expected)]
    at = {name: Fraction(repr(value)) for name, value in found.counterexample["at"].items()}
    yours, right = Precise(graph, roots).at(at, 60)
    assert right is not None
    assert yours is None or abs(yours - right) > 1e-6 * abs(right)


def test_students_text_never_holds_the_expected_value() -> None:
    """The sentence tells where and what the answer gives there, with digits enough to differ from what is right."""
    found = compare("x + 1/500", "x", X)

    assert found.counterexample == {"at": {"x": 1}, "yours": 1.002, "expected": 1.0}
    assert found.texts[0].en == "At x = 1 yours gives 1.002, which is not the value asked for there."
    assert compare("2", "3", X).texts[0].en == "Yours comes to 2, which is not the value asked for."


@pytest.mark.parametrize(
    ("answer", "expected", "told"),
    [
        ("1/2x", "1/(2*x)", "from character 4 on was read beside the slash"),
        ("e^-2x", "exp(-2*x)", "from character 5 on was read beside the power"),
        ("e^-x^2/2", "exp(-x^2/2)", "from character 7 on was read beside the power"),
        ("(1+x^2)^-1/2", "1/sqrt(1+x^2)", "from character 11 on was read beside the power"),
        ("1 - tanh x²", "1 - tanh(x)^2", "The power at character 11 was read as part of the argument"),
        ("1/(1+e-x)", "sigmoid(x)", "The e at character 6 was read as the number"),
    ],
)
def test_a_reading_that_was_not_meant_is_told(answer: str, expected: str, told: str) -> None:
    """Who is wrong reads how a formula with two meanings was read; who is right reads nothing of it."""
    found = compare(answer, expected, X)

    assert [text.en for text in found.texts[1:] if told in text.en]
    assert compare("e^(-2x) - tanh e^x - x^2 e^-x tanh x", "x^2", X).texts[1:] == ()
    assert compare("x e^-x tanh 2x", "tanh(2x)*x/exp(x)", X).texts == ()


@pytest.mark.parametrize(("answer", "yours"), [("exp(x+800)", "7.41e+347"), ("exp(-x-800)", "1.35e-348")])
def test_a_value_that_no_float_holds_is_shown(answer: str, yours: str) -> None:
    """Neither as infinity nor as zero."""
    found = compare(answer, "x", X)

    assert found.texts[0].en == f"At x = 1 yours gives {yours}, which is not the value asked for there."
    assert found.counterexample is not None
    assert str(found.counterexample["yours"])[:3] == yours[:3]


def test_undefined_where_the_function_is_defined() -> None:
    """A form without value on a whole cell is different; it is told so, without the value."""
    found = compare("Piecewise((x, x > 0))", "x", X)

    assert found.verdict is Decision.DIFFERENT
    assert found.counterexample is not None
    assert found.counterexample["yours"] == "undefined"
    assert found.texts[0].en.endswith("and around it, yours is undefined, but the function has a value there.")
    assert "domain" in found.notes[0]


@pytest.mark.parametrize("answer", ["erf(asin(x/3)) + erfc(asin(x/3)) + x - 1", "exp(max(log(x), log(x) - 1))"])
def test_undefined_on_a_part_that_no_kink_bounds(answer: str) -> None:
    """A form is as undefined where only the values tell so, however right it is elsewhere."""
    found = compare(answer, "x", X)

    assert found.verdict is Decision.DIFFERENT
    assert found.counterexample is not None
    assert found.counterexample["yours"] == "undefined"


def test_what_is_real_but_for_the_last_digit_is_real() -> None:
    """exp(2 log(x)) is x^2 for a negative x too, within other functions as well."""
    assert compare("max(0, exp(2*log(x)))", "x^2", X).equal


def test_removable_singularity_is_right_with_a_note() -> None:
    """mish(x)/x has a hole at 0 only: right, and told."""
    found = compare("mish(x)/x", "tanh(softplus(x))", X)

    assert found.verdict is Decision.PROVED
    assert [text.en for text in found.texts] == [
        "Right, but your form is undefined at x = 0, where the function has a value."
    ]


def test_kinks_are_not_compared_but_noted() -> None:
    """The value at a kink may be any slope between the two sides; beyond them it is noted."""
    assert compare("Piecewise((1, x>=0), (0, True))", STEP, X).texts == ()
    assert "at x = 0" in compare("Piecewise((1, x>0), (0, x<0), (7, True))", STEP, X).texts[0].en


def test_no_note_names_a_place_outside_the_domain() -> None:
    """A kink so close to the domain's edge that it would be written as the edge is left out."""
    assert compare("Piecewise((1, x > 1e-12), (7, True))", "1", {"x": "positive"}).texts == ()


def test_a_delta_of_dirac_is_nothing_but_at_its_point() -> None:
    """sympy's derivative of a step: right beside the step, without a value on it; everywhere on it, it is wrong."""
    x = sympy.Symbol("x", real=True)
    found = compare(sympy.diff(x * sympy.Heaviside(x), x), STEP, X)

    assert found.verdict is Decision.PROVED
    assert "undefined at x = 0" in found.texts[0].en
    assert compare("DiracDelta(x)", STEP, X).verdict is Decision.DIFFERENT
    assert compare("1 + DiracDelta(0)", "1", X).verdict is Decision.DIFFERENT
    assert not compare("1 + DiracDelta(x - x)", "1 + 0*x", X).equal


def test_comparison_as_a_number_is_noted() -> None:
    """(x > 0) is read as 1 or 0, and the student is told."""
    assert "read as 1" in compare("(x > 0)", STEP, X).texts[0].en


@pytest.mark.parametrize("answer", ["1/(x-x)", "log(-1-x^2)"])
def test_too_few_points_are_no_verdict_against_anyone(answer: str) -> None:
    """Where the reference has no values there is nothing to decide from."""
    assert compare("x", answer, X).verdict is Decision.UNDECIDED


def test_out_of_time_is_undecided() -> None:
    """A comparison whose time is up decides nothing."""
    assert compare("x*exp(x)", "exp(x)*x^2/x", X, seconds=0.0).verdict is Decision.UNDECIDED


def test_digits_are_looked_at_deeper_while_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A right answer that we cannot prove is not kept until its helper is killed."""
    ticks = itertools.count(0.0, 0.3)

    def beside(*_: object) -> Iterator[dict[str, Fraction]]:
        monkeypatch.setattr(time, "thread_time", lambda: next(ticks))  # from here on, 0.3 s for each point
        yield from ({"x": Fraction(1, k)} for k in itertools.count(1))

    monkeypatch.setattr("grader.checking.symbolic.points.beside", beside)

    assert compare("atan(x) + atan(1/x)", "pi/2", {"x": "positive"}).verdict is Decision.NUMERICALLY


def test_the_time_is_that_of_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine the clock runs on; the verdict stays."""
    clock = itertools.count(0.0, 1e6)
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))

    assert compare("x*exp(x)", "exp(x)*x^2/x", X).verdict is Decision.PROVED
    assert recognised("2*x*exp(x)", ["x", "2*exp(x)*x"], X) == 1


def test_refused_answer_says_why() -> None:
    """A name of another question is refused with the names of this one."""
    found = compare("sigmoid(y)", "sigmoid(x)", X)

    assert found.verdict is Decision.REFUSED
    assert "x." in found.texts[0].en


def test_sympy_expressions_are_answers() -> None:
    """A sympy expression and its text are the same answer."""
    x = sympy.Symbol("x")
    answer = sympy.diff(x * sympy.tanh(sympy.log(1 + sympy.exp(x))), x)

    assert compare(answer, MISH, X).verdict is Decision.PROVED
    assert compare(sympy.Heaviside(x), sympy.Piecewise((1, x > 0), (0, True)), X).equal


@pytest.mark.parametrize("symbols", [{"x": "whole"}, {"x": "in(2,1)"}, {"x": ""}])
def test_unknown_domain_is_the_authors_fault(symbols: dict[str, str]) -> None:
    """A domain that we do not know is a mistake in the course, and the sentence lists what is known."""
    with pytest.raises(CourseError, match="label01"):
        compare("x", "x", symbols)


def test_unreadable_reference_is_the_authors_fault() -> None:
    """A check whose own formula cannot be read is a mistake in the course."""
    with pytest.raises(CourseError, match="of a check cannot be read"):
        compare("x", "x +", X)


def test_mistakes_are_recognised_by_points() -> None:
    """The first known mistake that the answer is, in any form; none otherwise."""
    mistakes = ["sigmoid(x)", "x*sigmoid(x)^2", "0.333333333*x"]

    assert recognised("x*(1+tanh(x/2))^2/4", mistakes, X) == 1
    assert recognised("x/3", mistakes, X) == 2
    assert recognised("x", mistakes, X) is None
    assert recognised("x +", mistakes, X) is None


def test_first_broken_step_is_named() -> None:
    """A derivation is its lines, each compared with the one before."""
    assert broken_step(["sigmoid(x)*(1-sigmoid(x))", "s - s^2", "s*(1-s)"], {**X, "s": "=sigmoid(x)"}) is None
    broken = broken_step(["(x+1)^2", "x^2+x+1", "x^2+2x+1"], X)
    assert broken is not None
    assert broken[0] == 2
    for lines, line in ((["(x+1", "x+1"], 1), (["x+1", "(x+1"], 2)):
        broken = broken_step(lines, X)
        assert broken is not None
        assert (broken[0], broken[1].verdict) == (line, Decision.REFUSED)
