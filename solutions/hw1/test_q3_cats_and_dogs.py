"""Hidden checks of heads for two classes: torch's softmax and sigmoid are the oracles, the grader measures accuracy."""

import re

import numpy as np
import torch

from grader import choices, close, hint, needs, points, trained

ALWAYS_ONE = hint(
    "always_one", "The softmax over a single neuron is 1 whatever goes in: it cannot tell anything apart."
)
ONE_ONLY = hint("one_only", "One of the two ways is missing: two classes can be told by one neuron and by two.")
OTHER = hint(
    "other", "Both numbers of neurons are there with heads that work, but not with those that likelihood asks for."
)
ROWS = hint("rows", "Return a list with one dict for each head, as the form lays them out.")
MISFIT = hint(
    "misfit",
    "In one row the loss gets what its formula cannot use: ask of each loss what numbers it takes a logarithm of.",
)
NUMBER = hint("number", "In one row the number of neurons is neither one nor two: two classes ask for no more.")
PAIR = hint("pair", "Return two things, the weights and then the bias: `w, c` for one neuron, `W, b` for two.")
SHAPES = hint(
    "shapes", "The shapes are others than asked: one neuron has `w` of shape (d,), two have `W` (2, d), `b` (2,)."
)
SUM = hint("sum", "The two neurons compete: ask what happens to the softmax if both logits grow by the same amount.")
NO_BIAS = hint("no_bias", "The biases are left out: they belong to the logits as well.")
SWAPPED = hint("swapped", "This is the probability of the other class: the sigmoid stands for class 1.")
DOUBLED = hint("doubled", "The difference of the two logits is twice what it should be.")
SCORES = hint("scores", "Each image asks for two scores, one for the cat and one for the dog.")
NEURONS = hint("neurons", "The last dense layer has another number of neurons than this kind of head.")
FALLS = hint("falls", "Return the mean loss of each epoch, two or more; the last must be below the first.")
CONSTANT = hint(
    "constant",
    "The network gives every image the same answer. A softmax over one neuron, for one, is always 1; an output that is "
    "cut off below zero may have died; the steps may be too few or too small; or the training changes the images "
    "outside of the network.",
)
EXCHANGED = hint(
    "exchanged", "The network tells the two apart, but calls cats dogs: see which class is 0 and which is 1."
)

SINGLE = 1e-5  # what float32 leaves of a probability
CAT, DOG = 3, 5  # labels of CIFAR-10
RIGHT = ((1, "sigmoid", "bce"), (2, "softmax", "cce"))
WORDS = {"activation": ("linear", "sigmoid", "softmax"), "loss": ("bce", "cce", "mse")}
OFFERED = {"neurons": {1, 2}, **{cell: set(words) for cell, words in WORDS.items()}}


def _works(neurons, activation, loss):
    """Whether such a head can be trained for two classes: the loss gets what its formula takes."""
    if neurons not in (1, 2) or (neurons, activation) == (1, "softmax"):
        return False
    if loss == "cce":
        return activation == "softmax"
    return loss == "mse" or activation != "linear"


def _complete(row):
    return ... not in row.values()


def _illegible(row):
    """The cells of a complete row that hold no number of neurons, or no word of the lists."""
    number = row.get("neurons")
    cells = [] if isinstance(number, int | float) and not isinstance(number, bool) else ["neurons"]
    return cells + [cell for cell in WORDS if {cell: row.get(cell)} != choices({cell: OFFERED[cell]}, words=WORDS)]


def _blotted(rows, blots):
    """These rows with no other cells than those that cannot be read."""
    return [{cell: row[cell] for cell in blot if cell in row} for row, blot in zip(rows, blots, strict=True)]


def _head(row):
    """A legible row as (neurons, activation, loss)."""
    return (row["neurons"], *(_word(row, cell) for cell in WORDS))


def _word(row, cell):
    return re.sub(r"\s", "", str(row.get(cell)).casefold())


@points(4, part="q3a")
def test_head_options(submission):
    """One neuron and two, each with what belongs to it, and no row that cannot work."""
    rows = submission.head_options()

    assert isinstance(rows, list | tuple), ROWS
    assert all(isinstance(row, dict) for row in rows), ROWS
    if not any(map(_complete, rows)):
        form = [dict(zip(("neurons", "activation", "loss"), right, strict=True)) for right in RIGHT]
        assert rows == choices(form, words=WORDS)
        return
    blots = [_illegible(row) if _complete(row) else [] for row in rows]
    heads = {_head(row) for row, blot in zip(rows, blots, strict=True) if _complete(row) and not blot}
    single = [row for row in rows if _complete(row) and row.get("neurons") == 1]
    assert not any(_word(row, "activation") == "softmax" for row in single), ALWAYS_ONE
    failing = [head for head in heads if not _works(*head)]
    missing = sum(right not in heads for right in RIGHT)
    both = {1, 2} <= {head[0] for head in heads}
    illegible = sum(map(bool, blots))
    legible = not illegible or _blotted(rows, blots) == choices(_blotted([OFFERED] * len(rows), blots), words=WORDS)
    # A row that cannot be read stands for one that is missing: it is paid for once, and the comparer names its word.
    share = 1 - missing / 2 - (len(failing) + (illegible > missing)) / 4
    odd = any(head[0] not in (1, 2) for head in failing)
    lacking = OTHER if both else ONE_ONLY
    told = NUMBER if odd else MISFIT if failing else lacking if missing and legible else None
    assert share > 0, told
    assert share == close(1, mistakes=[(share, share, told)])


def _probability(W, b, x):
    """The softmax's probability of class 1, by torch."""
    return torch.softmax(torch.from_numpy(x @ W.T + b), dim=1)[:, 1].numpy()


def _sigmoid(z):
    return torch.sigmoid(torch.from_numpy(z)).numpy()


def _pair(answer):
    assert isinstance(answer, list | tuple), PAIR
    assert len(answer) == 2, PAIR
    return answer


@points(3, part="q3b")
def test_two_to_one(submission, draw):
    """The sigmoid of the one neuron is the softmax's probability of class 1, for twenty drawn pairs of neurons."""
    rng = draw("two neurons")
    for d in rng.integers(1, 9, 20).tolist():
        W, b, x = rng.normal(size=(2, d)), rng.normal(size=2), rng.normal(size=(50, d))
        right = _probability(W, b, x)

        w, c = _pair(submission.two_to_one(W, b))

        assert np.shape(w) == (d,), SHAPES
        assert _sigmoid(x @ np.asarray(w, float) + np.asarray(c, float).item()) == close(
            right,
            atol=1e-12,
            rtol=0,
            band=SINGLE,
            mistakes=[
                (0.3, _sigmoid(x @ W.sum(0) + b.sum()), SUM),
                (0.3, _sigmoid(x @ W[1] + b[1]), SUM),
                (0.6, _probability(W, 0 * b, x), NO_BIAS),
                (0.5, 1 - right, SWAPPED),
            ],
        )


@points(3, part="q3b")
def test_one_to_two(submission, draw):
    """The softmax of the two neurons gives class 1 the sigmoid's probability, for twenty drawn neurons."""
    rng = draw("one neuron")
    for d in rng.integers(1, 9, 20).tolist():
        w, c, x = rng.normal(size=d), float(rng.normal()), rng.normal(size=(50, d))
        right = _sigmoid(x @ w + c)

        W, b = _pair(submission.one_to_two(w, c))

        assert (np.shape(W), np.shape(b)) == ((2, d), (2,)), SHAPES
        assert _probability(np.asarray(W, float), np.asarray(b, float), x) == close(
            right,
            atol=1e-12,
            rtol=0,
            band=SINGLE,
            mistakes=[
                (0.3, np.full(50, 0.5), SUM),
                (0.3, _sigmoid(2 * (x @ w + c)), DOUBLED),
                (0.6, _sigmoid(x @ w), NO_BIAS),
                (0.5, 1 - right, SWAPPED),
            ],
        )


def _pets(rows):
    """The cats and dogs among CIFAR-10's rows, with the labels 0 and 1."""
    X, y = rows
    chosen = np.isin(y, (CAT, DOG))
    return X[chosen], (y[chosen] == DOG).astype(np.int64)


def _judge(submission, dataset, bars, kind, neurons):
    """One kind of head: its last layer, its losses, and what the trained network recognises."""
    train, unseen = (_pets(rows) for rows in dataset("cifar10"))
    bar = bars(f"q3c {kind}", "cifar10")
    ran = submission.build_head(kind).shapes(train[0][:8])

    assert ran[-1][2] == (8, 2), SCORES
    dense = [shape for _, layer, shape in ran if layer == "Linear"]
    assert dense, NEURONS
    assert dense[-1] == (8, neurons), NEURONS
    net = trained(submission.build_head, submission.train_head, train, build_args=(kind,), train_args=(kind,))
    accuracy = net.accuracy(unseen)
    assert accuracy not in (np.mean(unseen[1] == 0), np.mean(unseen[1] == 1)), CONSTANT
    assert accuracy > 1 - bar.top, EXCHANGED
    assert accuracy == bar
    falls = len(net.losses) >= 2 and net.losses[-1] < net.losses[0]
    assert falls == close(True, mistakes=[(0.75, False, FALLS)])


@points(2, part="q3c")
@needs(minutes=3, threads=1, gpu=True)
def test_one_sigmoid(submission, dataset, bars):
    """One neuron with a sigmoid learns to tell cats from dogs; its loss falls."""
    _judge(submission, dataset, bars, "one_sigmoid", 1)


@points(2, part="q3c")
@needs(minutes=3, threads=1, gpu=True)
def test_two_softmax(submission, dataset, bars):
    """Two neurons with a softmax learn to tell cats from dogs; their loss falls."""
    _judge(submission, dataset, bars, "two_softmax", 2)


@points(2, part="q3c")
@needs(minutes=3, threads=1, gpu=True)
def test_one_linear(submission, dataset, bars):
    """One neuron without an activation, trained to the labels, learns to tell cats from dogs; its loss falls."""
    _judge(submission, dataset, bars, "one_linear", 1)
