"""Hidden checks of the price range: torch counts, plain sums standardise, and the grader measures what was trained."""

import itertools
import math
import re

import numpy as np
from torch import nn

from grader import choices, close, hint, needs, points, trained, watch

AMOUNT = hint(
    "amount",
    "price_range is a label from 0 to 3 and no amount: a phone of range 3 does not cost three times one of range 1.",
)
SEVERAL = hint(
    "several", "A phone has exactly one price range, but these outputs are independent: several could say yes at once."
)
ALWAYS_ONE = hint("always_one", "The softmax over a single neuron is 1 whatever goes in: it cannot tell ranges apart.")
BARE = hint("bare", "If the loss applies the activation itself, the list has another word for that than this one.")
NO_BIAS = hint("no_bias", "The biases are missing: every neuron behind the inputs has one.")
INPUT_BIAS = hint("input_bias", "Inputs are no neurons: they have no biases.")
OTHER_SIDE = hint("other_side", "The biases are counted on the other side: a layer has one for each of its outputs.")
ONE_BIAS = hint("one_bias", "One bias a layer is too few: each of its neurons has one.")
ONE_OUTPUT = hint("one_output", "The last of the sizes is taken for one: count the outputs that the list asks for.")
BOTH = hint("both", "Mean and standard deviation seem to come from both tables together: test rows leak into training.")
OWN = hint("own", "The test rows are treated with numbers of their own: use those measured on the training rows.")
ROWS = hint("rows", "Every row is standardised by itself: means and standard deviations belong to columns.")
RANGE = hint("range", "This brings the columns between 0 and 1: a mean of 0 and a standard deviation of 1 were asked.")
TABLE = hint("table", "One mean and one standard deviation serve the whole table: each column has its own.")
SPREAD = hint("spread", "The mean is gone but the spread is not one: divide each column by its standard deviation.")
SQUARED = hint("squared", "The columns are divided by their variance; its root, the standard deviation, was asked for.")
CONSTANT = hint("constant", "A constant column has no spread to divide by: it becomes 0, and not NaN.")
IN_PLACE = hint("in_place", "The tables that were handed in have changed: work on copies.")
LOGITS = hint("logits", "The network maps a table of n raw rows to n rows of logits, one for each price range.")
SCALE = hint(
    "scale",
    "It learns, but less than it could. Columns that count in thousands beside columns that count in ones learn badly: "
    "does the network standardise them itself? If so, train it longer.",
)

LOSSES = ("mse", "mae", "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy")
ACTIVATIONS = ("linear", "relu", "sigmoid", "softmax", "logits")
TASKS = ("classification", "ordinal", "regression")
WORDS = {"task": TASKS, "activation": ACTIVATIONS, "loss": LOSSES}

# The recognised forms, each with a share of the points.
SOFTMAX = {
    "task": "classification",
    "neurons": 4,
    "activation": {"softmax", "logits"},
    "loss": {"categorical_crossentropy", "sparse_categorical_crossentropy"},
}
BOUNDARIES = {
    "task": {"ordinal", "classification"},
    "neurons": 3,
    "activation": {"sigmoid", "logits"},
    "loss": "binary_crossentropy",
}
REGRESSION = {"task": "regression", "neurons": 1, "activation": {"linear", "relu"}, "loss": {"mse", "mae"}}
INDEPENDENT = {**SOFTMAX, "activation": {"sigmoid", "logits"}, "loss": "binary_crossentropy"}


def _is(form, slip):
    """Whether every cell of the form is as in `slip`, however its words are spelled."""
    found = {cell: re.sub(r"[\s_-]+", "_", str(form.get(cell)).strip().casefold()) for cell in slip}
    asked = {cell: value if isinstance(value, set) else {str(value)} for cell, value in slip.items()}
    return all(found[cell] in asked[cell] for cell in slip)


def _meant(form):
    """The right form that this one is judged by: the nearer one, if its task or its neurons speak of boundaries."""
    if not (_is(form, {"neurons": 3}) or _is(form, {"task": "ordinal"})):
        return SOFTMAX
    return max(SOFTMAX, BOUNDARIES, key=lambda right: sum(_is(form, {cell: right[cell]}) for cell in right))


@points(4, part="q4a")
def test_price_head(submission):
    """Task, neurons, activation and loss go together, and fit a label with four values."""
    form = submission.price_head()

    assert isinstance(form, dict)
    assert not _is(form, {"neurons": 1, "activation": "softmax"}), ALWAYS_ONE
    for slip, share, told in ((REGRESSION, 0.25, AMOUNT), (INDEPENDENT, 0.6, SEVERAL)):
        if _is(form, slip):
            assert share == close(1, mistakes=[(share, share, told)])
            return
    assert form == choices(_meant(form), words=WORDS, hints={"activation": {"linear": BARE}})


@points(3, part="q4b")
def test_mlp_params(submission, draw):
    """The count agrees with torch for the source's network and for lists of any length."""
    rng = draw("sizes")
    lists = [[20, 64, 32, 4], [3, 2], *(rng.integers(2, 200, n).tolist() for n in rng.integers(2, 7, 8))]
    for sizes in lists:
        layers = [nn.Linear(a, b, device="meta") for a, b in itertools.pairwise(sizes)]
        counts = [sum(p.numel() for p in layer.parameters()) for layer in layers]
        weights = sum(layer.weight.numel() for layer in layers)
        one_output = sum(counts[:-1]) + sizes[-2] + 1

        assert submission.mlp_params(list(sizes)) == close(
            sum(counts),
            mistakes=[
                (0.4, weights, NO_BIAS),
                (0.4, one_output, ONE_OUTPUT),
                (0.4, weights + sum(sizes[:-1]), OTHER_SIDE),
                (0.4, weights + len(counts), ONE_BIAS),
                (0, sum(counts) + sizes[0], INPUT_BIAS),
            ],
        )


def _tables(rng, columns=20):
    """Training rows and test rows, (n, 20) and (m, 20); columns of very different size, the test rows elsewhere."""
    n, m = (int(size) for size in rng.integers(12, 60, 2))
    scale, place = 10.0 ** rng.uniform(-1, 3, columns), rng.normal(size=columns)
    train = (rng.normal(size=(n, columns)) + place) * scale
    test = (1.5 * rng.normal(size=(m, columns)) + place + 1) * scale
    return train, test


def _measured(column, less=0):
    """Mean and standard deviation of a column, by plain sums; less=1 divides by n - 1."""
    mean = sum(column) / len(column)
    return mean, math.sqrt(sum((value - mean) ** 2 for value in column) / (len(column) - less))


def _standardised(rows, by, less=0):
    """`rows` column by column, with what is measured on the rows `by`."""
    columns = [_measured(column, less) for column in by.T.tolist()]
    return np.array([[(x - mean) / std for x, (mean, std) in zip(row, columns, strict=True)] for row in rows.tolist()])


def _other_ways(rows, train, test):
    """Rows standardised in ways that are right but unusual, or wrong, as close's mistakes."""
    both = np.concatenate([train, test])
    # Of both tables: a fifth of two checks and all of the third are 40 % of the part.
    ways = [(1, _standardised(rows, train, less=1), None), *((0.2, _standardised(rows, both, k), BOTH) for k in (0, 1))]
    std = train.std(0)
    return [
        *ways,
        (0, rows - train.mean(0), SPREAD),
        (0, (rows - train.min(0)) / np.ptp(train, axis=0), RANGE),
        (0, (rows - train.mean()) / train.std(), TABLE),
        (0, (rows - train.mean(0)) / std**2, SQUARED),
        *((0, _standardised(rows.T, rows.T, k).T, ROWS) for k in (0, 1)),
    ]


def _pair(answer):
    """The two tables that were handed back."""
    train, test = answer
    return np.asarray(train), np.asarray(test)


@points(1.5, part="q4c")
def test_training_rows(submission, draw):
    """Each column of the training rows has the mean 0 and the standard deviation 1; what was handed in stays."""
    rng = draw("training rows")
    changed = False
    for _ in range(3):
        train, test = _tables(rng)

        with watch() as seen:
            found, _ = _pair(submission.standardize(train, test))
        changed |= bool(seen.modified)

        assert found == close(
            _standardised(train, train), atol=1e-6, rtol=1e-6, mistakes=_other_ways(train, train, test)
        )
    assert changed == close(False, mistakes=[(2 / 3, True, IN_PLACE)])


@points(1.5, part="q4c")
def test_test_rows(submission, draw):
    """The test rows are treated with what was measured on the training rows."""
    rng = draw("test rows")
    for _ in range(3):
        train, test = _tables(rng)
        own = [(0, _standardised(test, test, less), OWN) for less in (0, 1)]

        _, found = _pair(submission.standardize(train, test))

        assert found == close(
            _standardised(test, train), atol=1e-6, rtol=1e-6, mistakes=[*_other_ways(test, train, test), *own]
        )


@points(1, part="q4c")
def test_constant_column(submission, draw):
    """A column that is the same in all rows becomes 0 in both tables, and nothing is NaN or infinite."""
    rng = draw("constant")
    for value in (0, *rng.integers(1, 50, 2).tolist()):
        train, test = _tables(rng)
        place = int(rng.integers(20))
        train[:, place] = test[:, place] = value

        for found, rows in zip(_pair(submission.standardize(train, test)), (train, test), strict=True):
            assert found.shape == rows.shape
            assert np.isfinite(found).all(), CONSTANT
            assert np.abs(found[:, place]).max() < 1e-6, CONSTANT
            assert np.abs(np.delete(found, place, axis=1)).max() > 0.1


@points(1, part="q4d")
def test_price_logits(submission, draw):
    """The network maps raw rows to one logit for each price range."""
    rows = (1000 * draw("rows").random((int(draw("rows").integers(2, 9)), 20))).astype(np.float32)

    assert np.shape(submission.build_price_net()(rows)) == (len(rows), 4), LOGITS


@points(4, part="q4d")
@needs(minutes=0.5, threads=1)
def test_price_accuracy(submission, dataset, bars, draw):
    """Trained twice, the network names the price range of most phones that it has never seen."""
    (X, y), unseen = dataset("mobile_price")

    def accuracy(run):
        order = draw(run).permutation(len(y))
        net = trained(submission.build_price_net, submission.train_price, (X[order], y[order]), ordered=True)
        return net.accuracy(unseen)

    worse = min(accuracy("first run"), accuracy("second run"))

    bar = bars("q4d", "mobile_price")
    assert worse == bar
    # Half of these 4 points and the shape's one are 60 % of the part.
    assert (worse.decided < bar.top) == close(False, mistakes=[(0.5, True, SCALE)])
