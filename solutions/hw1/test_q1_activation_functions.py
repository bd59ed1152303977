"""Hidden checks of the activation functions: torch's automatic differentiation is the oracle of every number."""

import re

import numpy as np
import torch
from torch.nn import functional

from grader import choices, close, hint, points, same, watch

CURVES = {
    "relu": functional.relu,
    "leaky_relu": lambda x, k=0.01: functional.leaky_relu(x, k),
    "elu": lambda x, alpha=1.0: functional.elu(x, alpha),
    "swish": lambda x, beta=1.0: x * torch.sigmoid(beta * x),
    "mish": lambda x: x * torch.tanh(functional.softplus(x)),
}
KINKED = ("relu", "leaky_relu", "elu")
SIDES = hint("sides", "The two sides are exchanged: on which side of 0 does the function follow x itself?")
UNDERIVED = hint("underived", "This is the function itself; its slope is asked.")
HALF = hint("half", "On the left this is still the function itself: take the slope there, too.")
PLAIN = hint("plain", "This is plain ReLU: on the left k has to appear.")
TRUTH = hint("truth", "The two ends of a function ask for True or False; 0, 1 and words are neither.")
ALPHA = hint("alpha", "It is right for alpha = 1 alone: alpha belongs into the left branch.")
SIGN = hint("sign", "A sign slipped: expand s(1 - s), where s is the sigmoid, before you collect terms.")
FORM = hint("form", "Return the dict that the form lays out, with its keys as they are.")
PRODUCT = hint("product", "A product has two terms in its slope, one for each factor that is differentiated.")


def _values(name, x, **p):
    return CURVES[name](torch.tensor(x, dtype=torch.float64), **p).numpy()


def _slopes(name, x, **p):
    """The slopes at x by automatic differentiation, float64, shaped like x."""
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    CURVES[name](x, **p).sum().backward()
    return x.grad.numpy()


def _branch(name):
    """Of which kind the function is left of 0, by how its values at -1, -2 and -3 move."""
    first, second = -np.diff(_values(name, [-1.0, -2.0, -3.0]))
    if np.isclose(first, second):
        return "linear" if first else "zero"
    return "exponential" if np.isclose(first, np.e * second) else "logarithmic"


def _saturates(name):
    """Whether it still moves far to the left and far to the right, as one word for both ends."""
    return str([bool(np.allclose(*_values(name, [50.0 * side, 60.0 * side]))) for side in (-1, 1)])


def _laid_out(form, keys):
    """These cells of a form; one that is not there is an open one."""
    assert isinstance(form, dict), FORM
    return {key: form.get(key, ...) for key in keys}


def _cells(table, *keys):
    """These cells of each function in the table."""
    return {name: _laid_out({} if row is ... else row, keys) for name, row in _laid_out(table, KINKED).items()}


@points(2.5, part="q1a")
def test_cost_gradient_and_branch(submission):
    """What each function costs, whether it learns on the left, and of which kind its left branch is."""
    right = {
        name: {
            "needs_exp": bool(np.ptp(_slopes(name, [-1.0, -2.0])) or np.ptp(_slopes(name, [1.0, 2.0]))),
            "dead_negative_gradient": not _slopes(name, [-50.0, -1.0]).any(),
            "negative_branch": _branch(name),
        }
        for name in KINKED
    }

    assert _cells(submission.activation_table(), *right["elu"]) == choices(
        right,
        words={"negative_branch": ["zero", "linear", "exponential", "logarithmic"]},
        hints={
            "elu.negative_branch": {
                "logarithmic": hint("branch", "In ELU's left branch, does x stand under a logarithm or in a power?")
            },
            "elu.dead_negative_gradient": {
                True: hint("decaying", "Decaying is not zero: work out ELU's slope at -1, and then at -5.")
            },
        },
    )


NEITHER = "neither true nor false"


def _both(pair):
    """What is said of the two ends, as one word; an open end leaves both open."""
    if ... in pair:
        return ...
    return str(pair) if all(isinstance(end, bool) for end in pair) else NEITHER


@points(1.5, part="q1a")
def test_saturation(submission):
    """Where each function levels off; the two ends of a function count together."""
    said = _cells(submission.activation_table(), "saturates_negative", "saturates_positive")
    ends = {name: list(cells.values()) for name, cells in said.items()}
    level = hint("level", "A value that is constant has a finite limit: it is as level as can be.")

    assert {name: _both(pair) for name, pair in ends.items()} == choices(
        {name: _saturates(name) for name in KINKED},
        hints={name: {NEITHER: TRUTH, **({str([False, False]): level} if name == "relu" else {})} for name in KINKED},
    )


def _lowest(name, x, **p):
    """The place of the minimum near x, by Newton's method on the slope, and the minimum."""
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    for _ in range(30):
        (slope,) = torch.autograd.grad(CURVES[name](x, **p), x, create_graph=True)
        (bend,) = torch.autograd.grad(slope, x)
        x = (x - slope / bend).detach().requires_grad_()
    return x.item(), CURVES[name](x, **p).item()


def _lowest_points(given):
    """The lowest points of both functions: their places and their minima, by the keys of the answer."""
    swish, mish = _lowest("swish", -1 / given["beta"], beta=given["beta"]), _lowest("mish", -1.0)
    return ({f"swish_{kind}": swish[n], f"mish_{kind}": mish[n]} for n, kind in enumerate(("argmin", "min")))


LOST = hint("lost", "The sign is lost: the lowest point lies left of 0, and below it.")
EXCHANGED = hint("exchanged", "Place and minimum are exchanged: argmin is an x, min is a value of the function.")


def _slips(right, others):
    """A number of the lowest point with its sign lost, and the point's other number."""
    return [
        (0, {key: -value for key, value in right.items()}, LOST),
        (0, dict(zip(right, others.values(), strict=True)), EXCHANGED),
    ]


@points(1.5, part="q1b")
def test_places_of_the_minima(submission, given):
    """Both functions are lowest at the places named."""
    places, minima = _lowest_points(given)

    assert _laid_out(submission.swish_mish_facts(), places) == close(
        places,
        each=True,
        atol=1e-4,
        rtol=0,
        band=0.05,  # half a step of a grid of 0.1
        band_share=0.5,
        mistakes=_slips(places, minima),
    )


@points(1.5, part="q1b")
def test_minima(submission, given):
    """Both minima are right."""
    places, minima = _lowest_points(given)

    assert _laid_out(submission.swish_mish_facts(), minima) == close(
        minima,
        each=True,
        atol=1e-6,
        rtol=0,
        band=1e-3,  # neither function rises by more than this within the band of its place
        band_share=0.5,
        mistakes=_slips(minima, places),
    )


@points(1, part="q1b")
def test_slopes_at_zero(submission, given):
    """Both slopes at 0 are right."""
    swish, mish = float(_slopes("swish", 0.0, beta=given["beta"])), float(_slopes("mish", 0.0))
    right = {"swish_slope0": swish, "mish_slope0": mish}
    copied = hint("copied", "This is the other function's slope at 0: each has its own.")
    swapped = (0, {"swish_slope0": mish, "mish_slope0": swish}, copied)

    assert _laid_out(submission.swish_mish_facts(), right) == close(
        right, each=True, atol=1e-6, rtol=0, mistakes=[swapped]
    )


X = {"x": "real"}
K = X | {"k": "in(0,1)"}
A = X | {"alpha": "positive"}
RELU = "Max(x, 0)"
LEAKY = "Piecewise((x, x > 0), (k*x, True))"
ELU = "Piecewise((x, x > 0), (alpha*(exp(x) - 1), True))"
SWISH = "x*sigmoid(x)"
MISH = "x*tanh(softplus(x))"


def _formula(pair, key):
    assert isinstance(pair, dict), FORM
    assert key in pair, FORM
    return pair[key]


def _slope_of(f, symbols, right, *slips):
    """The comparer of a slope: `f` stands for the function, and giving the function back is recognised.

    No constant of it has to be rounded: what is right to a millionth alone is a quotient of differences.
    """
    return same(right, symbols=symbols | {"f": f"= {f}"}, mistakes=[*slips, (0, f, UNDERIVED)], rounding=0)


@points(0.5, part="q1c.relu")
def test_relu(submission):
    """The formula of ReLU is right."""
    assert _formula(submission.relu_pair(), "f") == same(RELU, symbols=X, without=CURVES)


@points(1.5, part="q1c.relu")
def test_relu_slope(submission):
    """The slope of ReLU is right on both sides of 0."""
    constant = hint("constant", "This is the same number for every x, but ReLU bends: look at both sides of 0.")

    assert _formula(submission.relu_pair(), "df") == _slope_of(
        RELU, X, "Heaviside(x)", (0.3, "1", constant), (0.4, "Heaviside(-x)", SIDES)
    )


@points(0.5, part="q1c.leaky")
def test_leaky_relu(submission):
    """The formula of Leaky ReLU is right for every k between 0 and 1."""
    slips = [(0.3, RELU, PLAIN), (0.4, "Min(x, k*x)", SIDES)]

    assert _formula(submission.leaky_pair(), "f") == same(LEAKY, symbols=K, without=CURVES, mistakes=slips)


@points(1.5, part="q1c.leaky")
def test_leaky_relu_slope(submission):
    """The slope of Leaky ReLU is right on both sides of 0."""
    assert _formula(submission.leaky_pair(), "df") == _slope_of(
        LEAKY,
        K,
        "Piecewise((1, x > 0), (k, True))",
        (0.3, "Heaviside(x)", PLAIN),
        (0.4, "Piecewise((k, x > 0), (1, True))", SIDES),
        (0.3, "Piecewise((1, x > 0), (k*x, True))", HALF),
    )


@points(0.75, part="q1c.elu")
def test_elu(submission):
    """The formula of ELU is right for every positive alpha."""
    slips = [(0.5, "Piecewise((x, x > 0), (exp(x) - 1, True))", ALPHA)]

    assert _formula(submission.elu_pair(), "f") == same(ELU, symbols=A, without=CURVES, mistakes=slips)


@points(2.25, part="q1c.elu")
def test_elu_slope(submission):
    """The slope of ELU is right on both sides of 0."""
    assert _formula(submission.elu_pair(), "df") == _slope_of(
        ELU,
        A,
        "Piecewise((1, x > 0), (alpha*exp(x), True))",
        (0.5, "Piecewise((1, x > 0), (exp(x), True))", ALPHA),
        (0.3, "Piecewise((1, x > 0), (alpha*(exp(x) - 1), True))", HALF),
    )


@points(1, part="q1c.swish")
def test_swish(submission):
    """The formula of Swish is right."""
    assert _formula(submission.swish_pair(), "f") == same(SWISH, symbols=X, without=CURVES)


@points(3, part="q1c.swish")
def test_swish_slope(submission):
    """The slope of Swish is right, in any form."""
    assert _formula(submission.swish_pair(), "df") == _slope_of(
        SWISH,
        X,
        "sigmoid(x) + x*sigmoid(x)*(1 - sigmoid(x))",
        (0.4, "sigmoid(x) + x*sigmoid(x) + x*sigmoid(x)^2", SIGN),
        (0.4, "sigmoid(x) - x*sigmoid(x)*(1 - sigmoid(x))", SIGN),
        (0.25, "sigmoid(x)*(1 - sigmoid(x))", PRODUCT),
        (0.25, "x*sigmoid(x)*(1 - sigmoid(x))", PRODUCT),
        (0.25, "sigmoid(x)", PRODUCT),
    )


@points(1.25, part="q1c.mish")
def test_mish(submission):
    """The formula of Mish is right."""
    assert _formula(submission.mish_pair(), "f") == same(MISH, symbols=X, without=CURVES)


@points(3.75, part="q1c.mish")
def test_mish_slope(submission):
    """The slope of Mish is right, in any form."""
    tanh_twice = hint("tanh_twice", "One tanh too many: the derivative of tanh(u) is taken at u, not at tanh(u).")
    chain = hint("chain", "The softplus inside has a slope of its own: the chain rule wants it as one more factor.")
    square = hint("square", "The square belongs to tanh alone: 1 - tanh(u)^2 is not (1 - tanh(u))^2.")
    softplus = hint("softplus", "The factor of the softplus is not right: differentiate ln(1 + e^x) once more.")

    assert _formula(submission.mish_pair(), "df") == _slope_of(
        MISH,
        X,
        "tanh(softplus(x)) + x*sech(softplus(x))^2*sigmoid(x)",
        (0.4, "tanh(softplus(x)) + x*sech(tanh(softplus(x)))^2*sigmoid(x)", tanh_twice),
        (0.4, "tanh(softplus(x)) + x*sech(softplus(x))^2", chain),
        (0.3, "tanh(softplus(x)) + x*sech(softplus(x))^2*exp(x)", softplus),
        (0.3, "tanh(softplus(x)) + x*sech(softplus(x))^2*sigmoid(-x)", softplus),
        (0.4, "tanh(softplus(x)) + x*(1 - tanh(softplus(x)))^2*sigmoid(x)", square),
        (0.25, "tanh(softplus(x))", PRODUCT),
        (0.25, "x*sech(softplus(x))^2*sigmoid(x)", PRODUCT),
        (0.25, "sech(softplus(x))^2*sigmoid(x)", PRODUCT),
    )


def _drawn(numbers):
    """A parameter for each function that has one, by the function's name."""
    k, alpha, beta = numbers.uniform((0.02, 0.3, 0.3), (0.9, 3, 3)).tolist()
    return {"relu": {}, "leaky_relu": {"k": k}, "elu": {"alpha": alpha}, "swish": {"beta": beta}, "mish": {}}


def _equal(mine, slopes):
    """Whether slopes are right, as far as their dtype can say it: what they are made of is asked by one check alone."""
    mine = np.asarray(mine)
    mine = mine.astype(float) if mine.dtype == bool else mine
    wrong = mine != close(slopes, **(SINGLE if mine.dtype == np.float32 else {}))  # `==` writes into the ledger
    return not wrong


def _agree(answers, right):
    """Which functions are right in every array, by name."""
    return {name: all(map(_equal, answers[name], right[name])) for name in CURVES}


def _shaped(slopes, x):
    assert np.shape(slopes) == x.shape, SHAPE
    return np.asarray(slopes, dtype=float)


SINGLE = {"rtol": 1e-5, "atol": 2e-6}  # what is left of float32's seven digits where slopes cross zero
SHAPE = hint("shape", "Return the slopes as an array shaped like x.")
EVERY = dict.fromkeys(CURVES, True)
OVER_THE_ARRAY = hint("sample", "max(0, x) compares each entry with 0, by itself: it is not the largest of the array.")
UNCHAINED = hint("unchained", "Swish's beta stands inside the sigmoid: the chain rule brings it out as a factor.")
DEFAULTS = hint("defaults", "Where no parameter is given, the values that the statement names hold.")
ALL = close(EVERY, each=True)  # earns the share of functions that are right
SLIPS = [
    (0, {**EVERY, "relu": "slip"}, OVER_THE_ARRAY),
    (0, {**EVERY, "swish": "slip"}, UNCHAINED),
    (0, dict.fromkeys(CURVES, "default"), DEFAULTS),
]


def _unchained(x, beta=1.0):
    """Swish's slopes without the factor that the chain rule brings."""
    s = torch.sigmoid(beta * torch.tensor(x, dtype=torch.float64)).numpy()
    return s + x * s * (1 - s)


@points(2.5, part="q1c.code")
def test_slopes_of_arrays(submission, draw):
    """The slopes of each function agree with automatic differentiation, in arrays of any shape."""
    numbers = draw("arrays")
    shapes = [(), (7,), (3, 4, 5), (0,), (2, 0, 3), *(tuple(numbers.integers(1, 6, axes)) for axes in (1, 2, 3) * 5)]
    answers, right = ({name: [] for name in CURVES} for _ in range(2))
    slips = {"relu": [], "swish": []}  # for relu the slope of the largest entry, for whom max is taken over the array
    for place, shape in enumerate(shapes):
        x = np.asarray(numbers.normal(scale=4, size=shape))
        given = {name: drawn if place % 3 else {} for name, drawn in _drawn(numbers).items()}  # else the defaults hold
        for name, p in given.items():
            answers[name].append(submission.act_grad(name, x, **p))
            right[name].append(_slopes(name, x, **p))
        slips["relu"].append(np.asarray(x == x.max(initial=-np.inf), dtype=float))
        slips["swish"].append(_unchained(x, **given["swish"]))

    found = _agree(answers, right)
    for name in (name for name in found if not found[name]):
        if name in slips and all(map(_equal, answers[name], slips[name])):
            found[name] = "slip"
        elif all(_equal(answers[name][n], right[name][n]) for n in range(len(shapes)) if n % 3):
            found[name] = "default"
    assert found == close(EVERY, each=True, mistakes=SLIPS)


@points(1.5, part="q1c.code")
def test_slopes_at_zero_and_beside_it(submission, draw):
    """At 0 and within a hair of it every slope is a number, and the right one."""
    x = np.array([-1e-8, 0, 1e-8])
    answers, expected = {}, {}
    for name, p in _drawn(draw("zero")).items():
        mine, right = _shaped(submission.act_grad(name, x, **p), x), _slopes(name, x, **p)
        assert np.isfinite(mine).all(), hint(
            "zero", "At 0, or beside it, a slope is NaN or infinite: is there a quotient that becomes 0/0?"
        )
        low, high = sorted(right[[0, 2]])
        if low - 1e-6 <= mine[1] <= high + 1e-6:  # at a kink any of them will do
            right[1] = mine[1]
        answers[name], expected[name] = [mine], [right]

    assert _agree(answers, expected) == ALL


@points(1.5, part="q1c.code")
def test_slopes_far_out(submission, draw):
    """Far out on both sides every slope is finite and right, and numpy warns of nothing."""
    x = np.array([-800.0, -40.0, 40.0, 800.0])
    parameters = _drawn(draw("far out"))
    parameters["swish"]["beta"] += 1  # then 40 is far out whatever was drawn
    with watch() as seen:
        answers = {name: [_shaped(submission.act_grad(name, x, **p), x)] for name, p in parameters.items()}

    assert np.isfinite([mine for (mine,) in answers.values()]).all(), hint(
        "overflow",
        "Far out a slope is NaN or infinite: exp overflows at large numbers, so let it see small ones only.",
    )
    assert not any(text.startswith("RuntimeWarning") for text in seen.warnings), hint(
        "warning", "numpy warns far out: np.where works out both of its branches, so exp must not overflow in either."
    )
    assert _agree(answers, {name: [_slopes(name, x, **p)] for name, p in parameters.items()}) == ALL


@points(0.5, part="q1c.code")
def test_whole_numbers_and_untouched_arguments(submission, draw):
    """Whole numbers give float64 slopes as well, and the array that was handed in stays as it was."""
    numbers = draw("whole")
    whole = numbers.choice([-3, -2, -1, 1, 2, 3], size=(2, 5))
    whole[0, :2] = 1, 3  # more than the largest entry has ReLU's slope
    arrays, parameters = (whole, whole + 0.25), _drawn(numbers)
    with watch() as seen:
        answers = {name: [submission.act_grad(name, x, **p) for x in arrays] for name, p in parameters.items()}

    assert not seen.modified, hint("in_place", "The array that was handed in has changed: work on a copy.")
    assert all(np.shape(mine) == whole.shape for pair in answers.values() for mine in pair), SHAPE
    dtypes = {np.asarray(mine).dtype for pair in answers.values() for mine in pair}
    assert all(dtype.kind == "f" for dtype in dtypes), hint(
        "whole",
        "Some slopes are whole numbers, or True and False, where float64 was asked: an array made like a whole-number "
        "x cuts decimals off.",
    )
    assert {dtype.name for dtype in dtypes} == {"float64"}, hint(
        "precision", "The slopes are not float64: they come in another precision than the one asked for."
    )
    right = {name: [_slopes(name, np.array(x, float), **p) for x in arrays] for name, p in parameters.items()}
    assert _agree(answers, right) == ALL


PLOTTED = {"relu": {}, "leaky_relu": {"k": 0.1}, "elu": {"alpha": 1.0}, "swish": {"beta": 1.0}, "mish": {}}


NAMES = {name.replace("_", ""): name for name in CURVES} | {
    "leaky": "leaky_relu",
    "lrelu": "leaky_relu",
    "silu": "swish",
}


def _lines(figure):
    """The visible lines of all axes by the function that their label names, or else by the one whose curve they show.

    A label that does neither is under None; a line without one that shows no curve is nobody's.
    """
    assert hasattr(figure, "axes"), hint("figure", "Return the matplotlib Figure itself.")
    found, nameless = {}, []
    for line in (line for axes in figure.axes for line in axes.lines if line.visible):
        if name := _named(line.label):
            found.setdefault(name, []).append(line)
        else:
            nameless.append(line)
    for line in nameless:
        shown = next((name for name in CURVES if name not in found and _shown(name, [line]) != "neither"), None)
        if shown or not line.label.startswith("_"):  # what matplotlib calls a line without a label
            found.setdefault(shown, []).append(line)
    return found


def _named(label):
    """The function that a label names: the longest of those that stand in it, or None."""
    bare = re.sub(r"[\s_-]", "", label.casefold())
    return NAMES.get(max((name for name in NAMES if name in bare), key=len, default=None))


def _shown(name, lines):
    """What a function's lines show: "slope", "default" (with k's), "function" or "neither"; a few points show nothing.

    Whether they go all the way from -6 to 6 is another check's.
    """
    x, y = (np.concatenate([getattr(line, axis) for line in lines] or [[]]) for axis in "xy")
    away = abs(x) >= 0.1  # of the jumps
    if away.sum() < 20 or x.min() > -3 or x.max() < 3:
        return "neither"
    curves = {"slope": _slopes(name, x[away], **PLOTTED[name]), "default": _slopes(name, x[away])}
    curves["function"] = _values(name, x[away], **PLOTTED[name])
    close_by = (word for word, curve in curves.items() if np.allclose(y[away], curve, atol=1e-3, rtol=0))
    return next(close_by, "neither")


@points(4, part="q1d")
def test_lines_show_the_slopes(submission):
    """The line of each function shows its slopes."""
    found = _lines(submission.plot_derivatives())
    functions = hint("functions", "This plots the functions themselves; their slopes are asked.")
    other_k = hint("other_k", "Leaky ReLU's line is right for the default of `k`: the plot has a `k` of its own.")

    assert {name: _shown(name, found.get(name, [])) for name in CURVES} == close(
        dict.fromkeys(CURVES, "slope"),
        each=True,
        mistakes=[
            (0.3, dict.fromkeys(CURVES, "function"), functions),
            (0.5, dict.fromkeys(CURVES, "default"), other_k),
        ],
    )


@points(1, part="q1d")
def test_legend(submission):
    """The legend names all five functions."""
    figure = submission.plot_derivatives()
    _lines(figure)
    texts = [text for axes in figure.axes for text in axes.legend or ()]

    assert texts, hint("legend", "There is no legend: without one nobody knows whose each line is.")
    assert set(map(_named, texts)) >= set(CURVES), hint("legend_names", "The legend does not name all five functions.")


@points(0.5, part="q1d")
def test_labels_of_the_axes(submission):
    """Both axes say what they show."""
    figure = submission.plot_derivatives()
    _lines(figure)

    assert any(axes.xlabel.strip() and axes.ylabel.strip() for axes in figure.axes), hint(
        "axes", "One of the axes, or both, have no label."
    )


@points(0.5, part="q1d")
def test_form_of_the_lines(submission):
    """One pair of axes holds one line for each function, with enough points all the way from -6 to 6."""
    figure = submission.plot_derivatives()
    found = _lines(figure)

    assert len(figure.axes) == 1, hint("one_axes", "All five belong into one pair of axes: only there do they compare.")
    five = hint("five_lines", "There should be five labelled lines, one for each function.")
    assert set(found) == set(CURVES), five
    for lines in found.values():
        # A line may be left open at its jump, or be drawn in pieces there, one behind the other.
        pieces = sorted((np.sort(line.x[np.isfinite(line.x)]) for line in lines), key=lambda x: x.min(initial=np.inf))
        x = np.concatenate(pieces)
        assert (np.diff(x) >= 0).all(), five
        gaps = np.diff(np.sort([*x, -0.1, 0, 0.1]))
        even = x.size >= 200 and max(abs(x[0] + 6), abs(x[-1] - 6), *gaps) <= 0.1
        assert even, hint("coarse", "A line has too few points or a gap, or does not go from -6 to 6.")
