"""Hidden checks of losses and their gradients: automatic differentiation, and loops over rows and classes."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from grader import choices, close, hint, points

PAIR = hint(
    "pair", "Return a pair: the loss, one number, and the gradient, an array of the shape of the first argument."
)
SUMMED = hint("summed", "This is the sum over the rows: the loss is their mean.")
ONE_ROW = hint("one_row", "Each row's gradient is that of its own loss: the mean gives every row only its share.")
TWICE = hint("twice", "Softmax is taken twice: of the logits, and then once more of the probabilities.")
WHOLE_BATCH = hint("whole_batch", "One softmax is taken over the whole batch: each row has probabilities of its own.")
NEGATIVE = hint("negative", "A cross-entropy is never negative: the logarithm of p is, so a minus stands before it.")
OVERFLOW = hint("overflow", "Huge logits give nan or infinity: before the exponential, subtract what changes nothing.")
CLIPPED = hint(
    "clipped", "The loss of a huge wrong logit is cut off: take the logarithm of the sum, not of a clipped p."
)
VANISHED = hint("vanished", "A p has become 0 before its logarithm is taken: take the logarithm of the sum instead.")
OWN_MAXIMUM = hint(
    "own_maximum",
    "One number is subtracted from all rows, and some row overflows or vanishes: each has its own maximum.",
)
OWN_CLASS = hint("own_class", "The right class is counted against itself: the sum runs over the other classes.")
EACH_CLASS = hint("each_class", "The right class is pulled once by every class that is too near, not once a row.")
CLASSES = hint("classes", "It is divided by the number of classes, as torch's multi_margin_loss does: here it is not.")
BY_P = hint("by_p", "These are derivatives with respect to p: the chain goes on through the sigmoid to the logit.")
HALVED = hint("halved", "This belongs to half the square: here the squared error has no half.")
SIGN = hint("sign", "The sign is turned: if p is too large, the gradient is positive.")


def _pair(answer):
    """The loss and the gradient, if the answer is such a pair."""
    pair = isinstance(answer, list | tuple) and len(answer) == 2 and np.ndim(answer[0]) == 0
    assert pair, PAIR
    return answer


def _batches(numbers):
    """Drawn logits and labels: one row, one size that is square, and others."""
    for N, C in ((1, 3), (4, 4), *numbers.integers([2, 2], [9, 11], size=(6, 2)).tolist()):
        yield numbers.normal(scale=2, size=(N, C)), numbers.integers(C, size=N)


def _cross_entropy(logits, y, loss=F.cross_entropy):
    """A loss of logits and labels, and its gradient by automatic differentiation."""
    leaf = torch.tensor(logits, requires_grad=True)
    value = loss(leaf, torch.from_numpy(y))
    value.backward()
    return value.item(), leaf.grad.numpy()


def _twice(logits, y):
    """The loss with two softmaxes; its gradient, and the one of somebody who believes that there was one."""
    loss, gradient = _cross_entropy(logits, y, lambda leaf, labels: F.cross_entropy(leaf.softmax(1), labels))
    p = torch.from_numpy(logits).softmax(1)
    _, believed = _cross_entropy(p.numpy(), y)
    return loss, [gradient, believed]


def _whole_batch(logits, y):
    """The loss and the gradient of somebody who takes one softmax of all logits."""
    p = torch.from_numpy(logits).flatten().softmax(0).reshape(logits.shape).numpy()
    rows = np.arange(len(y))
    return -np.log(p[rows, y]).mean(), (p - np.eye(logits.shape[1])[y]) / len(y)


@points(1.5, part="q4a")
def test_cross_entropy(submission, draw):
    """The loss agrees with torch's on drawn batches; where all logits are zero it is the logarithm of C."""
    numbers = draw("batches")
    blank = [(np.zeros((3, C)), numbers.integers(C, size=3)) for C in (10, 4)]
    for logits, y in (*_batches(numbers), *blank):
        loss, _ = _pair(submission.softmax_ce(logits, y))
        right, _ = _cross_entropy(logits, y)
        assert loss == close(
            right,
            atol=1e-6,
            mistakes=[
                (0.7, right * len(y), SUMMED),
                (0.5, -right, NEGATIVE),
                (0.3, _twice(logits, y)[0], TWICE),
                (0.3, _whole_batch(logits, y)[0], WHOLE_BATCH),
            ],
        )


@points(2, part="q4a")
def test_cross_entropy_gradient(submission, draw):
    """The gradient of the logits agrees with automatic differentiation on drawn batches."""
    for logits, y in _batches(draw("batches")):
        _, gradient = _pair(submission.softmax_ce(logits, y))
        _, right = _cross_entropy(logits, y)
        assert gradient == close(
            right,
            atol=1e-6,
            mistakes=[
                (0.5, right * len(y), ONE_ROW),
                (0.5, -right, SIGN),
                (0.3, _whole_batch(logits, y)[1], WHOLE_BATCH),
                *((0.3, double, TWICE) for double in _twice(logits, y)[1]),
            ],
        )


@points(1.5, part="q4a")
def test_huge_logits(submission, draw):
    """Rows with logits of ten thousand and less give the exact loss and gradient; a common shift changes nothing."""
    numbers = draw("rows")
    row, C = numbers.permutation([1e4, 0.0, -1e4]), 5
    shifted = numbers.normal(size=C)
    cases = [(row, label) for label in range(3)]  # of one row, so that every label is the right one once
    cases += [(shifted + shift, int(numbers.integers(C))) for shift in (9.9e3, -9.9e3)]
    for logits, label in ((case[None], np.array([label])) for case, label in cases):  # one row: its sum is its mean
        loss, gradient = _pair(submission.softmax_ce(logits, label))
        right, right_gradient = _cross_entropy(logits, label)
        double, doubles = _twice(logits, label)

        bounded = np.isfinite(gradient).all()
        assert bounded, OVERFLOW
        assert loss != np.inf, VANISHED
        assert np.isfinite(loss), OVERFLOW
        cut_off = loss < right - 100 and loss != close(double, atol=1e-6)
        assert not cut_off, CLIPPED
        assert loss == close(right, atol=1e-6, mistakes=[(0.3, double, TWICE)])
        assert gradient == close(right_gradient, atol=1e-6, mistakes=[(0.3, other, TWICE) for other in doubles])
    apart = _pair(submission.softmax_ce(np.stack([shifted + 9.9e3, shifted - 9.9e3]), numbers.integers(C, size=2)))
    finite = all(np.isfinite(values).all() for values in apart)  # sum or mean is another check's
    assert finite, OWN_MAXIMUM


def _hinge(scores, y, margin, at_zero=0.0):
    """The margin loss and its gradient, class by class; at_zero: the derivative of max(0, u) at u = 0."""
    loss, gradient = 0.0, np.zeros_like(scores)
    for n, label in enumerate(y):
        for j in range(scores.shape[1]):
            if j != label:
                gap = scores[n, j] - scores[n, label] + margin
                slope = 1.0 if gap > 0 else at_zero if gap == 0 else 0.0
                loss += max(0.0, gap) / len(y)
                gradient[n, j] += slope / len(y)
                gradient[n, label] -= slope / len(y)
    return loss, gradient


def _scores(numbers):
    """Twenty drawn cases; every other has whole scores, and kinks where they differ by the margin."""
    for index in range(20):
        N, C = (int(n) for n in numbers.integers([1, 2], [8, 8]))
        whole = index % 2 == 1
        scores = numbers.integers(-3, 4, size=(N, C)).astype(float) if whole else numbers.normal(scale=2, size=(N, C))
        margin = [1.0, 2.0][index % 4 // 2] if whole else float(numbers.uniform(0.3, 3))
        yield scores, numbers.integers(C, size=N), () if margin == 1 else (margin,)


@points(2, part="q4b")
def test_margin_loss(submission, draw):
    """The loss agrees with a loop over rows and classes, for the margin of one and for others."""
    for scores, y, margin in _scores(draw("scores")):
        loss, _ = _pair(submission.multiclass_hinge(scores, y, *margin))
        right, _ = _hinge(scores, y, *(margin or (1.0,)))
        assert loss == close(
            right,
            atol=1e-6,
            mistakes=[
                (0.5, right + (margin or (1.0,))[0], OWN_CLASS),
                (0.7, right / scores.shape[1], CLASSES),
                (0.7, right * len(y), SUMMED),
            ],
        )


@points(2, part="q4b")
def test_margin_gradient(submission, draw):
    """The gradient agrees with a loop over rows and classes; at a kink either side is right."""
    for scores, y, margin in _scores(draw("scores")):
        _, gradient = _pair(submission.multiclass_hinge(scores, y, *margin))
        rights = [_hinge(scores, y, *(margin or (1.0,)), at_zero)[1] for at_zero in (0.0, 1.0, 0.5)]
        own = np.eye(scores.shape[1])[y] / len(y)
        counted = [right + sign * own for right in rights for sign in (1, -1)]
        pulled_once = [np.where(own > 0, np.maximum(right, -own), right) for right in rights]
        assert gradient == close(
            rights[0],
            atol=1e-6,
            mistakes=[
                *((1, right) for right in rights[1:]),
                *((0.5, one) for one in counted if any(np.allclose(one, other) for other in pulled_once)),  # which one?
                *((0.5, wrong, OWN_CLASS) for wrong in counted),
                *((0.5, wrong, EACH_CLASS) for wrong in pulled_once),
                *((0.7, right / scores.shape[1], CLASSES) for right in rights),
                *((0.7, right * len(y), SUMMED) for right in rights),
            ],
        )


@points(4, part="q4c")
def test_logit_gradients(submission, draw):
    """Both derivatives agree with automatic differentiation, from certainty on the wrong side to certainty."""
    drawn = draw("logits").uniform(-6, 6, size=6).tolist()
    for z in (-8.0, -4.0, -2.0, 0.0, 2.0, 30.0, -math.log(2), *drawn):  # at -log 2, p is one third
        for y in (0, 1):
            leaf = torch.tensor(z, dtype=torch.float64, requires_grad=True)
            losses = (
                (leaf.sigmoid() - y) ** 2,
                F.binary_cross_entropy_with_logits(leaf, torch.tensor(float(y)).double()),
            )
            right = np.array([torch.autograd.grad(loss, leaf)[0].item() for loss in losses])
            p = 1 / (1 + math.exp(-z))

            assert submission.logit_grads(z, y) == close(
                right,
                each=True,
                atol=1e-6,
                mistakes=[
                    (0.4, [2 * (p - y), -1 / p if y else 1 / (1 - p)], BY_P),
                    (0.7, right * [0.5, 1], HALVED),
                    (0.5, -right, SIGN),
                ],
            )


@points(2, part="q4.choice")
def test_choice_of_loss(submission):
    """Each task and each view has the loss that belongs to it."""
    assert submission.loss_choice() == choices(
        {
            "classification": "cross_entropy",
            "regression": "mse",
            "gaussian_target_mle": "mse",
            "softmax_mle": "cross_entropy",
            "third_option": "margin",
            "mse_with_sigmoid_recommended": False,
        },
        words={
            task: ["cross_entropy", "mse", "margin"]
            for task in ("classification", "regression", "gaussian_target_mle", "softmax_mle", "third_option")
        },
        hints={
            "mse_with_sigmoid_recommended": {
                True: hint("saturates", "Look at your q4c for a logit that is large and wrong: who still pushes?")
            },
            "gaussian_target_mle": {
                "cross_entropy": hint("density", "Write the logarithm of a normal density: what is left of it?")
            },
        },
    )
