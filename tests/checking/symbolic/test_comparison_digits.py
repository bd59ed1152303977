"""What digits cannot tell apart: roundings, limits, and values that are zero, too large or none."""

from __future__ import annotations

import pytest

from grader.checking.symbolic.comparison import compare
from grader.checking.symbolic.verdict import Decision
from tests.checking.symbolic.formulas import MISH, STEP, SWISH, X


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("0.7978845608*x", "x*sqrt(2/pi)"),
        ("x + 1e-12", "x"),
        ("x + 1e-40", "x"),
        ("0.16666667*(|x+3| - |x-3|)/2 + 0.5", "clip((x+3)/6, 0, 1)"),
        ("0.39894228*exp(-x^2/2)", "phi(x)"),
        ("Piecewise((0.5*erfc(-0.70710678*x), x < -8), (Phi(x), True))", "Phi(x)"),
    ],
)
def test_rounded_constants_are_a_verdict_of_their_own(answer: str, expected: str) -> None:
    """A difference below a millionth is neither right nor wrong: the check decides."""
    found = compare(answer, expected, X)

    assert found.verdict is Decision.ROUNDING
    assert not found.equal


@pytest.mark.parametrize("h", ["0.001", "10^(-9)", "10^(-30)", "10^(-80)", "10^(-900)", "exp(-exp(7))"])
@pytest.mark.parametrize(
    ("f", "slope"),
    [
        ("swish({0})", SWISH),
        ("mish({0})", MISH),
        ("where({0} > 0, {0}, exp({0}) - 1)", "where(x > 0, 1, exp(x))"),
    ],
)
def test_a_quotient_of_differences_is_no_derivative(f: str, slope: str, h: str) -> None:
    """However small the step: nobody has differentiated anything, and the check decides what it is worth."""
    quotient = f"({f.format(f'(x+{h})')} - {f.format(f'(x-{h})')})/(2*{h})"

    assert not compare(quotient, slope, X).equal


@pytest.mark.parametrize("h", ["10^(-9)", "10^(-30)", "10^(-900)", "exp(-exp(7))"])
@pytest.mark.parametrize(
    ("f", "slope", "symbols"),
    [
        ("max({0}, 0)", STEP, X),
        ("(abs({0}) + {0})/2", STEP, X),
        ("max({0}, k*({0}))", "Piecewise((1, x > 0), (k, True))", {"x": "real", "k": "in(0,1)"}),
        ("abs({0} - y/w)", "sign(x - y/w)", {"x": "real", "y": "real", "w": "positive"}),
        ("max({0} - log(2), 0)", "Heaviside(x - log(2))", X),
    ],
)
def test_a_quotient_of_differences_is_none_of_straight_pieces_either(
    f: str, slope: str, symbols: dict[str, str], h: str
) -> None:
    """It is exact but for a step beside the kink, so it is looked at closer to the kink than any step."""
    for ahead, back in ((f"(x+{h})", "x"), ("x", f"(x-{h})"), (f"(x+{h})", f"(x-{h})")):
        quotient = f"({f.format(ahead)} - {f.format(back)})/({ahead} - {back})"

        assert not compare(quotient, slope, symbols).equal


def test_a_kink_at_a_rounded_place_is_rounded() -> None:
    """0.3333333333 is 1/3 to a millionth, as a bound too."""
    assert compare("Heaviside(x - 0.3333333333)", "Heaviside(x - 1/3)", X).verdict is Decision.ROUNDING
    assert compare("Heaviside(x - exp(log(2)/2))", "Heaviside(x - sqrt(2))", X).equal


FAR = " + 0*(|x-31| + |x-33| + |x-36| + |x-40|)"
NOTHING_THAT_HOLDS = [
    ("tan(pi/2)", "x*exp(-x)"),
    ("1/sin(pi)", "x*exp(-x)"),
    ("1/sin(pi)", "1/sin(pi) + 2"),
    ("x + 1/cos(pi/2)", "x"),
    ("sign(sin(pi))", "x*exp(-x)"),
    ("sin(pi)*10^60", "x*exp(-x)"),
    ("1/(sqrt(2)^2 - 2)", "x"),
    ("Piecewise((1, |x| > 30), (exp(-cosh(x)^2), True))", "exp(-cosh(x)^2)"),
    ("where(x>0, 1, 1/sin(pi))", "Heaviside(x)"),
    ("where(x < -99, 0, Phi(x))", "Phi(x)"),
    ("where(x > 5000, 2*exp(-x^2), exp(-x^2))", "exp(-x^2)"),
    ("1 + 0*exp(10^9*Max(-x,0))", "Heaviside(x)"),
    ("exp(10^9*Max(30-x,0))" + FAR, SWISH),
    ("1/(1 + exp(-10^9*(x-30)))" + FAR, SWISH),
]


@pytest.mark.parametrize(("answer", "expected"), NOTHING_THAT_HOLDS)
def test_what_cannot_be_computed_agrees_with_nothing(answer: str, expected: str) -> None:
    """A value that changes with the digits, or is too large for any, is no point in the answer's favour."""
    assert compare(answer, expected, X).verdict in (Decision.DIFFERENT, Decision.UNDECIDED)


ZERO = [
    ("cosh(x)^2 - sinh(x)^2 - 1", "0"),
    ("x + sin(pi)", "x"),
    ("x + sin(pi)*10^60", "x"),
    ("x*cos(2*pi)", "x"),
    ("exp(1)^2 - exp(2)", "0"),
    ("(tanh(1000*x) + 1)/2", "sigmoid(2000*x)"),
    ("(1 + tanh(500*x))/(1 - tanh(500*x))", "exp(1000*x)"),
]


@pytest.mark.parametrize(("answer", "expected"), ZERO)
def test_what_is_exactly_zero_is_zero(answer: str, expected: str) -> None:
    """However many digits cancellation eats, a right form stays right."""
    assert compare(answer, expected, X).equal


@pytest.mark.parametrize("steep", [10, 1000, 10_000, 100_000])
@pytest.mark.parametrize(
    ("form", "limit"),
    [("tanh({0}*x)", "sign(x)"), ("log(1+exp({0}*x))/{0}", "Max(0,x)"), ("x*sigmoid({0}*x)", "Max(0,x)")],
)
def test_a_steep_function_is_not_its_limit(form: str, limit: str, steep: int) -> None:
    """However large the number that was put in place of infinity."""
    assert compare(form.format(steep), limit, X).verdict is Decision.DIFFERENT


def test_two_sides_whose_difference_is_too_large_are_refused() -> None:
    """Each could be read; what is computed from both could not."""
    assert compare("(1e-1000)>(1e999)", "1", X).verdict is Decision.REFUSED


def test_a_form_that_is_undefined_everywhere_is_not_right() -> None:
    """A division by what is zero in another form, or by what nobody can tell from zero: right it is never."""
    found = compare("1/(tanh(x) - sinh(x)/cosh(x))", "x", X)

    assert found.verdict in (Decision.DIFFERENT, Decision.UNDECIDED)
