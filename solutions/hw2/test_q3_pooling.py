"""Hidden checks of pooling: torch's own layers and their gradients, and plain loops for what goes wrong."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from grader import choices, close, hint, points

MIXED = hint(
    "mixed", "Channels are pooled together: each channel has its own windows, and as many come out as went in."
)
OVER_THE_EDGE = hint("over_the_edge", "There are windows that reach over the edge: only those inside the map count.")
COUNT = hint("count", "How many windows there are depends on the kernel too: see Ho and Wo in the statement.")
STRIDE = hint("stride", "The windows are neighbours: from each to the next it is `stride` pixels.")
ROOT_OF_SUM = hint("root_of_sum", "The l2 value is the length of the window's vector: square, add up, take the root.")
MEAN = hint("mean", "An average divides by the number of pixels in the window, forward as well as backward.")
SIGN = hint("sign", "The sign is turned: a pixel that grows takes its window's value along, upwards.")
OVERWRITTEN = hint("overwritten", "Where windows overlap, a later one wipes out what an earlier one sent: add it up.")
ONE_PLACE = hint("one_place", "Only the pixel that gave the value receives the gradient: the others had no say in it.")
ROOT_BACK = hint("root_back", "The derivative of a square root has the root itself in its denominator.")

VALUES = {"max": np.max, "min": np.min, "average": np.mean, "l2": np.linalg.norm}


def _pooled(x, k, stride, mode):
    """Torch's pooling of a tensor."""
    if mode == "max":
        return F.max_pool2d(x, k, stride)
    if mode == "min":
        return -F.max_pool2d(-x, k, stride)
    return F.avg_pool2d(x, k, stride) if mode == "average" else F.lp_pool2d(x, 2, k, stride)


def _looped(x, k, value, tops, lefts, groups):
    """A value for each window, clipped at the edge, over each group of channels."""
    values = [value(x[n, g, i : i + k, j : j + k]) for n in range(len(x)) for g in groups for i in tops for j in lefts]
    return np.reshape(values, (len(x), len(groups), len(tops), len(lefts)))


def _inputs(numbers):
    """Inputs x with k and stride: overlapping windows, gaps, edges that no window reaches, one window, no image.

    Who rounds the number of windows up meets partial windows, but none that is empty and has no largest value.
    """
    cases = [(1, 1, 4, 4, 2, 2), (2, 3, 7, 6, 3, 2), (2, 2, 10, 8, 2, 3), (0, 3, 5, 6, 2, 2), (1, 2, 5, 5, 5, 1)]
    while len(cases) < 10:
        k, stride = (int(n) for n in numbers.integers(1, 4, size=2))
        N, C, *sides = (int(n) for n in numbers.integers([1, 2, 3, 3], [4, 5, 10, 10]))
        if all(math.ceil((side - k) / stride) * stride < side for side in sides):
            cases.append((N, C, *sides, k, stride))
    for index, (*shape, k, stride) in enumerate(cases):
        x = numbers.normal(size=shape)
        yield (-np.abs(x) if index % 3 == 1 else x), k, stride  # maps without a positive value, too


def _forward_is_right(submission, draw, mode, mistaken=(), told=None):
    """Compare one mode with torch on ten inputs. mistaken: values of a window that earn half, with the hint `told`."""
    for x, k, stride in _inputs(draw(mode)):
        _, C, H, W = x.shape
        inside, reached, started, by_stride = (
            [range(0, end, stride) for end in ends]
            for ends in (
                (H - k + 1, W - k + 1),
                (min(H, H - k + stride), min(W, W - k + stride)),  # until nothing is left over: torch's ceil_mode
                (H, W),
                (H // stride * stride, W // stride * stride),
            )
        )
        crowded = [range(len(starts)) for starts in inside]
        each, together = [slice(c, c + 1) for c in range(C)], [slice(0, C)]
        mixed = _looped(x, k, VALUES[mode], *inside, together)

        assert submission.pool2d_forward(x, k, stride, mode) == close(
            _pooled(torch.from_numpy(x), k, stride, mode).numpy(),
            atol=1e-6,
            mistakes=[
                *((0.5, _looped(x, k, value, *inside, each), told) for value in mistaken),
                (0.3, mixed, MIXED),
                (0.3, np.repeat(mixed, C, axis=1), MIXED),
                (0.7, _looped(x, k, VALUES[mode], *reached, each), OVER_THE_EDGE),
                (0.7, _looped(x, k, VALUES[mode], *started, each), OVER_THE_EDGE),
                (0.7, _looped(x, k, VALUES[mode], *by_stride, each), COUNT),
                (0.4, _looped(x, k, VALUES[mode], *crowded, each), STRIDE),
            ],
        )


@points(1.75, part="q3a")
def test_maximum(submission, draw):
    """The largest value under each window agrees with torch on ten sizes."""
    _forward_is_right(submission, draw, "max")


@points(1.75, part="q3a")
def test_minimum(submission, draw):
    """The smallest value under each window agrees with torch on ten sizes."""
    _forward_is_right(submission, draw, "min")


@points(1.75, part="q3a")
def test_average(submission, draw):
    """The mean of each window agrees with torch on ten sizes."""
    _forward_is_right(submission, draw, "average", [np.sum], MEAN)


@points(1.75, part="q3a")
def test_length(submission, draw):
    """The l2 value of each window agrees with torch on ten sizes."""
    squares = [lambda w: np.mean(w**2), lambda w: np.sqrt(np.mean(w**2)), lambda w: np.sum(w**2)]
    _forward_is_right(submission, draw, "l2", squares, ROOT_OF_SUM)


def _first(place):
    """A function that gives everything to the first place, row by row, that `place` (np.argmax, np.argmin) finds."""
    return lambda w: np.eye(w.size)[place(w)].reshape(w.shape)


def _split(value):
    """A function that gives equal parts to all places where the value stands."""
    return lambda w: (w == value(w)) / np.sum(w == value(w))


def _length(w):
    """The derivative of the length of a window; zeros where there is none."""
    return w / np.linalg.norm(w) if w.any() else 0 * w


SHARES = {
    "max": _first(np.argmax),
    "min": _first(np.argmin),
    "average": lambda w: np.ones_like(w) / w.size,
    "l2": _length,
}


def _sent_back(dout, x, k, stride, share, write="add"):
    """The gradient window by window. write: "add", or what an assignment leaves: the "window" or its "places"."""
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        window = (n, c, slice(i * stride, i * stride + k), slice(j * stride, j * stride + k))
        sent = share(x[window]) * dout[n, c, i, j]
        kept = dx[window] if write == "add" else np.where(sent == 0, dx[window], 0) if write == "places" else 0
        dx[window] = kept + sent
    return dx


def _backward_is_right(submission, dout, x, k, stride, mode, right=None):
    """Compare one gradient with torch's, or with the one given."""
    if right is None:
        leaf = torch.tensor(x, requires_grad=True)
        _pooled(leaf, k, stride, mode).backward(torch.from_numpy(dout))
        right = leaf.grad.numpy()
    mistaken = {
        "average": [(0.5, np.ones_like, MEAN)],
        "l2": [(0.5, lambda w: w, ROOT_BACK), (0.5, lambda w: 2 * w, ROOT_BACK)],
    }.get(mode, [(0.4, np.ones_like, ONE_PLACE), (0.4, SHARES["average"], ONE_PLACE)])

    assert submission.pool2d_backward(dout, x, k, stride, mode) == close(
        right,
        atol=1e-6,
        mistakes=[
            *((0.6, _sent_back(dout, x, k, stride, SHARES[mode], kind), OVERWRITTEN) for kind in ("window", "places")),
            *((earned, _sent_back(dout, x, k, stride, share), told) for earned, share, told in mistaken),
            (0.5, -right, SIGN),
        ],
    )


def _drawn(numbers):
    """Gradients and inputs without ties and without zeros."""
    for x, k, stride in _inputs(numbers):
        N, C, H, W = x.shape
        yield numbers.normal(size=(N, C, (H - k) // stride + 1, (W - k) // stride + 1)), x, k, stride


@points(1.25, part="q3b")
def test_maximum_backward(submission, draw):
    """The gradient of max pooling arrives where torch sends it, and adds up where windows overlap."""
    for case in _drawn(draw("max")):
        _backward_is_right(submission, *case, "max")


@points(1.25, part="q3b")
def test_minimum_backward(submission, draw):
    """The gradient of min pooling arrives where torch sends it, and adds up where windows overlap."""
    for case in _drawn(draw("min")):
        _backward_is_right(submission, *case, "min")


@points(1.25, part="q3b")
def test_average_backward(submission, draw):
    """The gradient of average pooling arrives as torch sends it, and adds up where windows overlap."""
    for case in _drawn(draw("average")):
        _backward_is_right(submission, *case, "average")


@points(1.25, part="q3b")
def test_length_backward(submission, draw):
    """The gradient of l2 pooling arrives as torch sends it, and adds up where windows overlap."""
    for case in _drawn(draw("l2")):
        _backward_is_right(submission, *case, "l2")


@points(1, part="q3b")
def test_ties(submission, draw):
    """Where a value stands several times in a window, the first place or all of them alike receive its gradient."""
    for dout, x, k, stride in _drawn(draw("ties")):
        x = np.floor(x)
        for mode, value in (("max", np.max), ("min", np.min)):
            shares = SHARES[mode], _split(value)
            first, shared = (_sent_back(dout, x, k, stride, share) for share in shares)
            overwritten = [
                _sent_back(dout, x, k, stride, share, kind) for share in shares for kind in ("window", "places")
            ]
            assert submission.pool2d_backward(dout, x, k, stride, mode) == close(
                first, atol=1e-6, mistakes=[(1, shared), *((0.6, wrong, OVERWRITTEN) for wrong in overwritten)]
            ), hint("ties", "Where the value stands several times, its window sends too much, or to the wrong place.")


@points(1, part="q3b")
def test_windows_of_zeros(submission, draw):
    """A window of zeros sends back zeros in l2 pooling, and the windows beside it what they should."""
    numbers = draw("zeros")
    x = numbers.normal(size=(2, 2, 6, 7))
    x[0, :, :, :4] = x[1, 0] = 0
    for k, stride in ((2, 2), (3, 1)):
        dout = numbers.normal(size=(2, 2, (6 - k) // stride + 1, (7 - k) // stride + 1))

        finite = np.isfinite(submission.pool2d_backward(dout, x, k, stride, "l2")).all()

        assert finite, hint("zeros", "Under a window of zeros the gradient is not finite: zero is divided by zero.")
        _backward_is_right(submission, dout, x, k, stride, "l2", _sent_back(dout, x, k, stride, _length))


@points(3, part="q3c")
def test_facts(submission):
    """Every cell says what holds for a pooling layer."""
    assert submission.pool_facts() == choices(
        {
            "trainable_params": 0,
            "depth_preserved": True,
            "why_not_trained": "no parameters",
            "gradient_flows": True,
            "reduces_conv_params": False,
        },
        words={
            "why_not_trained": ["no parameters", "output depends on input", "no gradient flows", "window is too small"]
        },
        hints={
            "why_not_trained": {
                "output depends on input": hint(
                    "depends", "The output of every layer depends on its input, and most of these layers are trained."
                ),
                "no gradient flows": hint(
                    "blocked", "Layers before a pooling layer do learn: what did you write in the backward pass?"
                ),
            },
            "gradient_flows": {
                False: hint(
                    "flows", "If no gradient came through, every layer before the first pooling would stand still."
                )
            },
            "reduces_conv_params": {
                True: hint(
                    "kernel",
                    "The weights of a convolution are counted by kernel and channels; is a size of maps in it?",
                )
            },
        },
    )
