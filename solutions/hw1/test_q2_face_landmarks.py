"""Hidden checks of landmark heads and their loss: torch builds and counts, plain loops measure distances."""

import math
import re

import numpy as np
from torch import nn

from grader import choices, close, hint, inside, network, points, tensor

XY = hint("xy", "One neuron for each point is too few: a point on a picture has an x and a y.")
CONSTANT = hint("constant", "The number of neurons is always the same here; it must follow from `n_points`.")
CLASSES = hint(
    "classes",
    "This is the head of a classifier. Its loss compares probabilities, and coordinates are none: of them the distance "
    "from the true place counts.",
)
RELU = hint("relu", "A ReLU never gives a negative number, but the targets can be negative; and its units can die.")
DYING = hint(
    "dying",
    "A ReLU's unit that gives 0 for every face has no gradient any more: it is dead and learns no place.",
)
UNSCALED = hint(
    "unscaled",
    "This activation reaches a small range only, and the targets are pixels. It fits where the targets are scaled to "
    "that range: then say so in the form.",
)
PAIRS = hint("pairs", "The points are laid out as pairs; one row of coordinates for each face was asked for.")
NO_BIAS = hint("no_bias", "The biases are missing: each output neuron has one.")
SQUASHED = hint("squashed", "Something after the dense layer bends or cuts its outputs; landmarks can lie anywhere.")
MEANS = hint("mean", "This is a sum: the loss is a mean over the faces and over the points of each.")
WHOLE = hint("whole", "The whole row is taken for one long vector; each point has a distance of its own.")
ORDER = hint("order", "The coordinates are paired wrongly: a row is ordered x1, y1, x2, y2, ...")
ROOT = hint("root", "The root belongs to each point's own distance, before any mean is taken.")
STRAIGHT = hint(
    "straight", "The distance of two points is the straight line between them, not the way around the corner."
)
CORNER = hint(
    "corner",
    "Where a prediction is exactly right, the gradient is not finite: the root has no slope at zero. A small epsilon "
    "under the root is allowed.",
)
GRADIENT = hint("gradient", "Each point that is not where it belongs must get a gradient: keep to torch's operations.")

DISTANCES = ("mse", "mae", "smooth_l1", "euclidean")
CLASSIFYING = ("cross_entropy", "binary_cross_entropy", "kl")
LOSSES = [*DISTANCES, *CLASSIFYING, "hinge"]
ACTIVATIONS = ["linear", "relu", "sigmoid", "softmax", "tanh"]


def _word(form, cell):
    """The word in a cell, spelled as the lists spell it."""
    return re.sub(r"[\s_-]+", "_", str(form.get(cell)).strip().casefold())


def _note_slip(form, n, slips):
    """Give a recognised number of neurons its share; slips: {number: (share, hint)}."""
    neurons = form.get("neurons")
    if type(neurons) is int and neurons != 2 * n and neurons in slips:
        share, told = slips[neurons]
        assert neurons == close(2 * n, mistakes=[(share, neurons, told)])


@points(5, part="q2a")
def test_landmark_head(submission, draw):
    """Neurons, activation and loss fit the task, for any number of points."""
    for n in (5, 68, 76, 1, *draw("faces").integers(11, 200, 3).tolist()):
        form = submission.landmark_head(n)
        slips = {n: (0.3, XY), 10: (0.5, CONSTANT)}

        assert isinstance(form, dict)
        activation = _word(form, "activation")
        scaled = True in [form.pop(key, False) is True for key in ("normalised", "normalized")]
        assert activation != "softmax", CLASSES
        assert _word(form, "loss") not in CLASSIFYING, CLASSES
        assert form == choices(
            {"neurons": {2 * n, *slips}, "activation": {"linear", "relu", "sigmoid"}, "loss": set(DISTANCES)},
            words={"activation": ACTIVATIONS, "loss": LOSSES},
        )
        _note_slip(form, n, slips)
        assert (activation == "relu") == close(False, mistakes=[(0.5, True, DYING if scaled else RELU)])
        assert (activation == "sigmoid" and not scaled) == close(False, mistakes=[(0.5, True, UNSCALED)])


def _sizes(rng):
    """in_features and n_points: the source's pair and two drawn ones."""
    return [(512, 5), *zip(rng.integers(3, 60, 2).tolist(), rng.integers(2, 30, 2).tolist(), strict=True)]


@points(1, part="q2a.code")
def test_head_shape(submission, draw):
    """A batch of N faces gives N rows, and each row has an x and a y for every point."""
    rng = draw("shapes")
    for width, n in _sizes(rng):
        faces = int(rng.integers(2, 9))  # one alone is asked below
        shape = submission.make_landmark_head(width, n)(np.zeros((faces, width), np.float32)).shape

        assert shape != (faces, n, 2), PAIRS
        assert shape == (faces, 2 * n)


@points(1, part="q2a.code")
def test_head_count(submission, draw):
    """The head has as many parameters as one dense layer with biases."""
    for width, n in _sizes(draw("counts")):
        layer = nn.Linear(width, 2 * n)
        right = sum(p.numel() for p in layer.parameters())
        weights = layer.weight.numel()

        assert submission.make_landmark_head(width, n).count == close(right, mistakes=[(0, weights, NO_BIAS)])


@points(1, part="q2a.code")
def test_rows_are_independent(submission, draw):
    """A face's landmarks do not depend on the other faces of its batch, nor on chance."""
    rng = draw("rows")
    width, n = int(rng.integers(20, 40)), int(rng.integers(2, 9))  # more than 2n: no layer at all is no head
    x = rng.normal(size=(6, width)).astype(np.float32)
    net = submission.make_landmark_head(width, n)

    together = net(x)

    assert together.size == 6 * 2 * n
    for i in range(6):
        assert net(x[i : i + 1]) == close(together[i : i + 1], atol=1e-5, rtol=1e-5)


@inside
def stirred(net, seed):
    """Draw the head's weights anew, so that no small start hides what it can reach."""
    import torch

    torch.manual_seed(seed)
    with torch.no_grad():
        for p in net.parameters():
            p.normal_()


@points(1, part="q2a.code")
def test_head_is_not_squashed(submission, draw):
    """Outputs reach far below zero and far above one, and grow in proportion to their inputs."""
    rng = draw("range")
    width, n = int(rng.integers(20, 60)), int(rng.integers(2, 9))
    x = (10 * rng.normal(size=(64, width))).astype(np.float32)
    net = submission.make_landmark_head(width, n)
    submission(stirred, net, int(rng.integers(2**31)))

    start, once, twice = net(0 * x), net(x), net(2 * x)

    assert once.size < x.size  # no layer at all squashes nothing either
    assert once.min() < -1, SQUASHED
    assert once.max() > 2, SQUASHED
    assert np.allclose(twice - start, 2 * (once - start), atol=1e-2, rtol=1e-3), SQUASHED


@inside
def learnt(net, X, Y):
    """Train the head on these faces for 200 steps; the final error, and whether every gradient was finite."""
    import torch

    X, Y = torch.from_numpy(X), torch.from_numpy(Y)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.03)
    finite = True
    for _ in range(200):
        optimizer.zero_grad()
        (net(X).reshape(Y.shape) - Y).square().mean().backward()
        finite &= all(p.grad is not None and bool(p.grad.isfinite().all()) for p in net.parameters())
        optimizer.step()
    return finite


@points(1, part="q2a.code")
def test_head_learns_faces(submission, draw):
    """Thirty-two made-up faces are learnt in 200 steps, with finite gradients all the way."""
    rng = draw("faces")
    width, n = 64, 5
    X = rng.normal(size=(32, width)).astype(np.float32)
    Y = (2 * rng.normal(size=(32, 2 * n)) - 1).astype(np.float32)
    net = submission.make_landmark_head(width, n)

    assert submission(learnt, net, X, Y)
    assert np.mean((net(X).reshape(Y.shape) - Y) ** 2) < 1e-2, SQUASHED


def _finished(rng, n, activation):
    """The layers of a landmark network: one of three trunks, a dense layer for n points, and perhaps an activation."""
    hidden = int(rng.integers(3, 20))
    others = [nn.ReLU(), nn.Sigmoid(), nn.Tanh()]
    trunks = [
        [nn.Flatten(), nn.Linear(48, hidden), others[rng.integers(3)]],
        [nn.Conv2d(3, hidden, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()],
        [nn.Linear(7, 11), others[rng.integers(3)], nn.Linear(11, hidden), others[rng.integers(3)], nn.Dropout(0.2)],
    ]
    return [*trunks[rng.integers(3)], nn.Linear(hidden, 2 * n), *activation]


@points(3, part="q2b")
def test_read_head(submission, draw):
    """Points, neurons and activation are read rightly from networks of different size, depth and activation."""
    rng = draw("networks")
    numbers = [76, *rng.integers(2, 100, 7).tolist()]
    for n, activation in zip(numbers, [nn.Sigmoid(), None, nn.ReLU(), nn.Tanh()] * 2, strict=True):
        name = "linear" if activation is None else type(activation).__name__.lower()
        slips = {n: (0.3, XY)}

        form = submission.read_head(network(*_finished(rng, n, [activation] if activation else [])))

        assert form == choices(
            {"n_points": n, "neurons": {2 * n, *slips}, "activation": name},
            words={"activation": ["linear", "relu", "sigmoid", "tanh"]},
        )
        _note_slip(form, n, slips)


def _apart(rng, faces, n):
    """A batch (pred, target), each (faces, 2n), whose points lie half a pixel or more apart."""
    target = 3 * rng.normal(size=(faces, n, 2))
    angle, distance = 2 * np.pi * rng.random((faces, n)), rng.uniform(0.5, 5, (faces, n))
    step = np.stack([distance * np.cos(angle), distance * np.sin(angle)], axis=-1)
    return (target + step).reshape(faces, -1), target.reshape(faces, -1)


def _distances(pred, target):
    """The distance of each point, by plain loops: a list of rows."""
    return [
        [math.hypot(p[k] - t[k], p[k + 1] - t[k + 1]) for k in range(0, len(p), 2)]
        for p, t in zip(pred.tolist(), target.tolist(), strict=True)
    ]


@points(4, part="q2b.code")
def test_loss_values(submission, draw):
    """The loss is the mean distance on batches of many sizes, and zero where every point is in its place."""
    rng = draw("batches")
    batches = [_apart(rng, *size) for size in [(4, 3), (1, 5), (6, 1), *rng.integers(2, 12, (7, 2)).tolist()]]
    for pred, target in [*batches, (np.array([[3.0, 4.0] * 2] * 3), np.zeros((3, 4)))]:
        d, rows = pred - target, np.array(_distances(pred, target))
        blocks = np.hypot(*np.hsplit(d, 2))

        # With the gradient's point, half of these 4 is 60 % of the part and a quarter is 40 %.
        assert submission.euclidean_landmark_loss(tensor(pred), tensor(target)) == close(
            rows.mean(),
            atol=1e-5,
            mistakes=[
                *((0.5, value, MEANS) for value in (rows.sum(), rows.sum(1).mean(), rows.sum(0).mean())),
                *((0.25, value, WHOLE) for value in (np.sqrt((d**2).sum()), np.sqrt((d**2).sum(1)).mean())),
                (0, blocks.mean(), ORDER),
                *((0, value, ROOT) for value in ((rows**2).mean(), (d**2).mean(), np.sqrt((rows**2).mean()))),
                *((0, value, ROOT) for value in (np.sqrt((d**2).mean()), np.sqrt((rows**2).mean(1)).mean())),
                *((0, value, STRAIGHT) for value in (2 * np.abs(d).mean(), np.abs(d).mean())),
            ],
        )
    meeting = submission.euclidean_landmark_loss(tensor(target), tensor(target))
    assert meeting == close(0.0, atol=2e-3)


@inside
def gradient(loss, pred, target):
    """The gradient of the loss by the predictions; None where there is none."""
    import torch

    pred = torch.from_numpy(pred).requires_grad_()
    value = loss(pred, torch.from_numpy(target))
    if not isinstance(value, torch.Tensor) or not value.requires_grad:
        return None
    value.backward()
    return pred.grad


@points(1, part="q2b.code")
def test_loss_gradient(submission, draw):
    """The gradient is finite everywhere, and no point that is out of place is left without one."""
    rng = draw("gradients")
    pred, target = _apart(rng, 5, 4)
    right = rng.random((5, 4)) < 0.4
    right[0, :2] = True, False
    pred = np.where(np.repeat(right, 2, axis=1), target, pred)

    mixed = submission(gradient, submission.euclidean_landmark_loss, pred, target)
    every = submission(gradient, submission.euclidean_landmark_loss, target, target)

    for found in (mixed, every):
        assert isinstance(found, np.ndarray), GRADIENT
        assert np.isfinite(found).all(), CORNER
    assert (np.abs(mixed).reshape(5, 4, 2).max(-1)[~right] > 1e-6).all(), GRADIENT
