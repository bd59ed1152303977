"""Hidden checks of Swish and Mish: torch's own functions and automatic differentiation are the oracles."""

import numpy as np
import torch
import torch.nn.functional as F

from grader import choices, close, hint, points, same, steps, watch

QUIET = hint("quiet", "numpy warns of an overflow: keep large numbers out of exp; np.where computes both of its sides.")
LOST = hint(
    "lost", "Far out on the left the value is lost: 1 + exp(-40) is 1 for a computer; log1p, logaddexp know better."
)
NO_CURVE = hint("no_curve", "One of the asked lines is not there: none of the visible ones has its values.")
RANGE = hint("range", "The line is to reach from -6 to 6 with 50 points or more.")
IN_SIGHT = hint("in_sight", "Part of the curve is out of sight: look at the limits of the axes.")
AXES = hint("axes", "An axis without a label leaves the reader guessing: label both.")
NAMES = hint("names", "Say which line is which: a legend, or a title of each pair of axes, names swish and mish.")
GRID = hint("grid", "The line's points are to be the n evenly spaced ones from -6 to 6.")
HOLE = hint("hole", "The line has a hole at 0, where a fraction is 0/0: rewrite the formula so that nothing divides.")
PRODUCT = hint("product", "A product has two terms in its slope, one for each factor that is differentiated.")
PLUS = hint("plus", "A sign slipped: the derivative of the sigmoid holds the sigmoid's square with a minus.")
EXTRA_TANH = hint("extra_tanh", "There is a tanh too many: the outer derivative is taken at softplus(x).")
CHAIN = hint("chain", "The innermost derivative is missing: softplus has a slope too.")
SOFTPLUS = hint("softplus", "The innermost derivative is not right: differentiate log(1 + exp(x)) once more.")
QUOTIENT = hint("quotient", "The quotient mish(x)/x is tanh(softplus(x)): written so, 0 is a number like any other.")
BOUND = hint("bound", "This is a bound, the largest slope to that power, not the value: slopes differ on the way.")
COMPOSE = hint("compose", "All slopes are taken at x itself: each belongs where the signal is by then.")
THOUSAND = hint("thousand", "Put x = 3 and beta = 1000 into the function as it stands, its factor too.")
FACTOR = hint("factor", "The answer does not change with `factor`: the function is multiplied by it.")
TWICE = hint("twice", "swish(x) holds the sigmoid already: what else multiplies it?")
WHOLE = hint("whole", "This is the whole product: what multiplies swish(x) is asked, without it.")
UNSQUARED = hint("unsquared", "The derivative of tanh is the square of sech.")

X = {"x": "real"}
SWISH_PRIME = "sigmoid(x) + x*sigmoid(x)*(1 - sigmoid(x))"
ACTS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu, "swish": F.silu, "mish": F.mish}


def _values(name, x):
    """The function at every entry, by torch in float64."""
    return ACTS[name](torch.from_numpy(np.array(x, float))).numpy()


def _slopes(name, x, depth=1):
    """The derivative of the function applied `depth` times, at every entry, by automatic differentiation."""
    start = signal = torch.tensor(np.array(x, float), requires_grad=True)
    for _ in range(depth):
        signal = ACTS[name](signal)
    (slopes,) = torch.autograd.grad(signal.sum(), start)
    return slopes.numpy()


TWELVE_DIGITS = {"atol": 1e-300, "rtol": 1e-12}
SINGLE_PRECISION = {"band": 1e-5}  # of values up to 6 float32 holds seven digits


def _number_by_number(function, name, draw):
    """Compare on arrays of shape ()."""
    for x in (0.0, *draw("numbers").uniform(-6, 6, 8)):
        assert function(np.array(x)) == close(_values(name, x), shape="squeeze", **TWELVE_DIGITS, **SINGLE_PRECISION)


def _array_by_array(function, name, draw):
    """Compare on arrays of one to four axes."""
    numbers = draw("arrays")
    for axes in (1, 2, 3, 4):
        x = numbers.uniform(-6, 6, tuple(numbers.integers(2, 6, axes)))
        assert function(x) == close(_values(name, x), **TWELVE_DIGITS, **SINGLE_PRECISION)


def _far_out(function, name, draw):
    """Compare where exponentials overflow or vanish beside 1, and listen for warnings."""
    numbers = draw("far")
    far = numbers.uniform(40, 600, 6)  # nearer to 0 than 37 only some digits are lost
    x = np.concatenate([[-800.0, -40.0, 0.0, 40.0, 800.0], far * [-1, -1, -1, 1, 1, 1]])
    with watch() as seen:
        answer = function(x)
    right = _values(name, x)
    lost = np.where((x < -37) & (right != 0), 0, right)
    assert answer == close(right, **TWELVE_DIGITS, mistakes=[(0, lost, LOST)])
    assert not seen.warnings, QUIET


@points(1.25, part="q1a")
def test_swish_of_a_number(submission, draw):
    """Swish of a single number is right to twelve digits."""
    _number_by_number(submission.swish, "swish", draw)


@points(1.25, part="q1a")
def test_swish_of_arrays(submission, draw):
    """Swish works entry by entry on arrays of any shape."""
    _array_by_array(submission.swish, "swish", draw)


@points(0.5, part="q1a")
def test_swish_far_out(submission, draw):
    """Far from 0, on both sides, Swish keeps its digits and raises no warning."""
    _far_out(submission.swish, "swish", draw)


@points(1.25, part="q1a")
def test_mish_of_a_number(submission, draw):
    """Mish of a single number is right to twelve digits."""
    _number_by_number(submission.mish, "mish", draw)


@points(1, part="q1a")
def test_mish_of_arrays(submission, draw):
    """Mish works entry by entry on arrays of any shape."""
    _array_by_array(submission.mish, "mish", draw)


@points(0.75, part="q1a")
def test_mish_far_out(submission, draw):
    """Far from 0, on both sides, Mish keeps its digits and raises no warning."""
    _far_out(submission.mish, "mish", draw)


def _lines(answer):
    """Every visible line as (its figure, its axes, the line)."""
    figures = answer if isinstance(answer, list | tuple) else [answer]
    return [(figure, axes, line) for figure in figures for axes in figure.axes for line in axes.lines if line.visible]


def _curve(answer, right):
    """The first line that follows the function `right` wherever it is drawn, with its figure and axes."""
    for figure, axes, line in _lines(answer):
        drawn = np.isfinite(line.y)
        if drawn.sum() > 9 and np.allclose(line.y[drawn], right(line.x[drawn]), rtol=0, atol=0.01):  # more is not seen
            return figure, axes, line
    raise AssertionError(NO_CURVE)


def _names(text):
    """Which of the two functions a text names."""
    told = text.lower().replace("silu", "swish")
    return {name for name in ("swish", "mish") if name in told}


def _named(figure, axes, line):
    """The function that the figure names for the line: the nearest text decides that names one alone."""
    entries = axes.legend or []
    place = [other is line for other in axes.lines].index(True)
    entry = line.label if line.label in entries else entries[place] if place < len(entries) else ""
    return next((told for told in map(_names, [entry, axes.title, figure.title]) if len(told) == 1), set())


def _whole_in_sight(answer, name):
    """Ask that the function's line reaches from -6 to 6 and that all of it, with its lowest point, is in sight."""
    _, axes, line = _curve(answer, lambda x: _values(name, x))
    assert np.isfinite(line.y).all(), HOLE
    assert len(line.x) >= 50, RANGE
    assert np.allclose([line.x.min(), line.x.max()], [-6, 6], atol=0.01), RANGE
    assert np.diff(np.sort(line.x)).max() < 0.5, RANGE
    assert min(axes.xlim) <= -5.99, IN_SIGHT
    assert max(axes.xlim) >= 5.99, IN_SIGHT
    assert min(axes.ylim) <= line.y.min() < max(axes.ylim), IN_SIGHT


@points(1, part="q1a.plot")
def test_swish_is_drawn(submission):
    """One line has the values of Swish from -6 to 6, all of it in sight."""
    _whole_in_sight(submission.plot_swish_mish(), "swish")


@points(1, part="q1a.plot")
def test_mish_is_drawn(submission):
    """One line has the values of Mish from -6 to 6, all of it in sight."""
    _whole_in_sight(submission.plot_swish_mish(), "mish")


@points(1, part="q1a.plot")
def test_plot_is_labelled(submission):
    """Both axes have labels, and each of the two lines is told by its name."""
    figures = submission.plot_swish_mish()

    for name in ("swish", "mish"):
        curve = _curve(figures, lambda x, name=name: _values(name, x))
        _, axes, _ = curve
        assert axes.xlabel.strip(), AXES
        assert axes.ylabel.strip(), AXES
        assert _named(*curve) == {name}, NAMES


# The steps' half point is apart, so a third and a sixth of the other 4.5 make 40 and 25 % of the part.
@points(4.5, part="q1b.swish")
def test_swish_prime(submission):
    """The formula is the derivative of Swish, in whatever form."""
    assert submission.swish_prime() == same(
        SWISH_PRIME,
        symbols=X,
        mistakes=[
            (1 / 3, "swish(x) + sigmoid(x)*(1 + swish(x))", PLUS),
            (1 / 6, "sigmoid(x)*(1 - sigmoid(x))", PRODUCT),
            (1 / 6, "x*sigmoid(x)*(1 - sigmoid(x))", PRODUCT),
            (1 / 6, "sigmoid(x)", PRODUCT),
        ],
        rounding=0,
    )


@points(0.5, part="q1b.swish")
def test_swish_prime_steps(submission):
    """Each line of the derivation follows from the one before, and the last is the derivative."""
    lines = submission.swish_prime_steps()

    assert lines == steps(symbols=X)
    assert (lines[-1] if lines else submission.swish_prime()) == same(SWISH_PRIME, symbols=X, rounding=0)


# The value at 0 has its own point, so a quarter, an eighth and a sixteenth of the other 4 make 40, 30 and 25 % of the
# part.
@points(4, part="q1b.mish")
def test_mish_prime(submission):
    """The formula is the derivative of Mish, in whatever form."""
    assert submission.mish_prime() == same(
        "tanh(softplus(x)) + x*(1 - tanh(softplus(x))^2)/(1 + exp(-x))",
        symbols=X,
        mistakes=[
            (1 / 4, "tanh(softplus(x)) + x*sigmoid(x)*sech(tanh(softplus(x)))^2", EXTRA_TANH),
            (1 / 4, "tanh(softplus(x)) + x*sigmoid(x)*tanh(softplus(x))*sech(softplus(x))^2", EXTRA_TANH),
            (1 / 4, "tanh(softplus(x)) + x*sech(softplus(x))^2", CHAIN),
            (1 / 8, "tanh(softplus(x)) + x*sech(softplus(x))^2*exp(x)", SOFTPLUS),
            (1 / 16, "tanh(softplus(x))", PRODUCT),
            (1 / 16, "x*sech(softplus(x))^2*sigmoid(x)", PRODUCT),
            (1 / 16, "sech(softplus(x))^2*sigmoid(x)", PRODUCT),
        ],
        rounding=0,
    )


@points(1, part="q1b.mish")
def test_mish_prime_in_numbers(submission, draw):
    """The derivative of Mish is finite and right at every number, 0 among them."""
    x = np.append(draw("numbers").uniform(-6, 6, 20), [0, -20, 20])
    right = _slopes("mish", x)

    answer = submission.mish_prime_num(x)

    holes = np.where(x == 0, np.nan, right)
    assert answer == close(right, atol=1e-9, rtol=1e-9, nan=True, mistakes=[(0, holes, QUOTIENT)])


def _drawn_slopes(figure, name, n):
    """The line of the function's derivative on n evenly spaced points."""
    _, _, line = _curve(figure, lambda x: _slopes(name, x))
    assert len(line.x) == n, GRID
    assert np.allclose(line.x, np.linspace(-6, 6, n), atol=1e-6), GRID
    return line


@points(0.75, part="q1b.plot")
def test_slope_of_swish_is_drawn(submission):
    """On a grid without 0, one line has the slopes of Swish."""
    line = _drawn_slopes(submission.plot_derivs(100), "swish", 100)

    assert np.isfinite(line.y).all(), HOLE


@points(1, part="q1b.plot")
def test_slope_of_mish_is_drawn(submission, draw):
    """On a grid without 0, one line has the slopes of Mish."""
    n = 2 * int(draw("points").integers(20, 100))
    line = _drawn_slopes(submission.plot_derivs(n), "mish", n)

    assert np.isfinite(line.y).all(), HOLE


@points(1.25, part="q1b.plot")
def test_no_hole_at_zero(submission):
    """On a grid with 0, neither line has a hole there."""
    figure = submission.plot_derivs()

    for name in ("swish", "mish"):
        assert np.isfinite(_drawn_slopes(figure, name, 101).y).all(), HOLE


def _properties(name):
    """The four properties, measured: values and slopes on a grid, and the slopes on both sides of 0."""
    x = np.arange(-60.5, 61) / 2
    values, rises = _values(name, x), np.diff(_values(name, x))
    left, right = _slopes(name, [-1e-9, 1e-9])
    return {
        "bounded_below": bool(values.min() > -1),
        "bounded_above": bool(values.max() < 20),
        "monotone": bool((rises >= 0).all() or (rises <= 0).all()),
        "smooth": bool(abs(left - right) < 1e-6),
    }


@points(3, part="q1c")
def test_properties(submission):
    """Every cell says what the function's values and slopes show."""
    assert submission.activation_properties() == choices(
        {name: _properties(name) for name in ("relu", "swish", "mish")}
    )


def _through_depth(submission, draw, names):
    """Compare the slopes through some depth; a bound, and slopes that all belong to x, are known slips."""
    numbers = draw("depths")
    # Not near -1.2 and -1.3, where slopes cross zero and float32 has fewer digits than the six that were asked.
    starts = [0.0, 1.0, *numbers.uniform(0.2, 2, 3), *-numbers.uniform((0.2, 0.2, 1.6), (0.9, 0.9, 2))]
    cases = [(name, int(depth), float(x)) for name in names for x in starts for depth in (10, numbers.integers(1, 9))]
    cases = [(name, depth, x) for name, depth, x in cases if name != "relu" or x]
    right = [float(_slopes(name, x, depth)) for name, depth, x in cases]
    quarters = [0.25**depth for _, depth, _ in cases]
    bounds = [float(_slopes(name, np.linspace(-5, 5, 10_001)).max()) ** depth for name, depth, _ in cases]
    only = [q if name == "sigmoid" else r for (name, _, _), q, r in zip(cases, quarters, right, strict=True)]
    unmoved = [float(_slopes(name, x)) ** depth for name, depth, x in cases]

    answers = [submission.grad_through_depth(name, depth, x) for name, depth, x in cases]

    known = [(0.4, wrong, BOUND) for wrong in (quarters, bounds, only) if wrong != right]
    assert answers == close(right, atol=1e-300, rtol=1e-5, mistakes=[*known, (0.3, unmoved, COMPOSE)])


@points(1.5, part="q1c.auto")
def test_slopes_of_squashing_functions(submission, draw):
    """Through any depth of sigmoid or tanh the derivative is that of the whole composition."""
    _through_depth(submission, draw, ("sigmoid", "tanh"))


@points(1.5, part="q1c.auto")
def test_slopes_of_rectifying_functions(submission, draw):
    """Through any depth of relu, swish or mish the derivative is that of the whole composition."""
    _through_depth(submission, draw, ("relu", "swish", "mish"))


def _limits(submission, draw, key, wrong):
    """Compare one limit for the factors 2 and 1 and for a drawn one."""
    for factor in (2, 1, int(draw("factors").integers(3, 10))):
        right = {"beta0": f"{factor}/2*x", "beta_inf": f"{factor}*(x + abs(x))/2"}[key]

        asked = () if factor == 2 else (factor,)  # 2 is the default
        assert submission.swish_beta_limits(*asked)[key] == same(right, symbols=X, mistakes=wrong)


@points(2, part="q1d")
def test_limit_at_beta_zero(submission, draw):
    """For beta = 0 the formula is right, whatever the factor."""
    _limits(submission, draw, "beta0", [(0.5, "x", FACTOR), (0.5, "x/2", FACTOR)])


@points(2, part="q1d")
def test_limit_for_large_beta(submission, draw):
    """For beta without bound the formula is right on both sides of 0, whatever the factor."""
    _limits(submission, draw, "beta_inf", [(0.5, "max(0, x)", THOUSAND), (0.5, "2*max(0, x)", FACTOR)])


@points(4, part="q1e")
def test_delta(submission):
    """The formula is the factor of swish(x) in the derivative of Mish, in whatever form."""
    assert submission.mish_delta() == same(
        "4*(1 + exp(x))^2/((1 + exp(x))^2 + 1)^2",  # sech(log(a)) = 2a/(a^2 + 1) with a = 1 + exp(x)
        symbols=X,
        mistakes=[
            (0.5, "x*sigmoid(x)*sech(softplus(x))^2", WHOLE),
            (0.5, "sigmoid(x)*sech(softplus(x))^2", TWICE),
            (0.4, "sech(softplus(x))", UNSQUARED),
        ],
        rounding=0,
    )
