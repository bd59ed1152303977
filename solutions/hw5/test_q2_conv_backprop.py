"""Hidden checks of the hand-made convolution gradients: the oracle is torch's own differentiation of conv2d."""

import numpy as np
import torch

from grader import close, hint, points

QUARTER = hint("quarter", "The mean over the windows brings a factor into every entry; it is missing here.")
TURNED = hint(
    "turned",
    "This is the answer for a filter turned by half a turn: here the filter is laid on as it stands, so check which "
    "input each entry of the filter was multiplied with.",
)
PLACES = hint(
    "places",
    "These are right numbers in each other's places: rows and columns are exchanged or mirrored. Each entry of the "
    "gradient stands where the entry stands that it belongs to.",
)
UPSTREAM = hint("upstream", "The gradient that comes from above is not in it: multiply by `upstream`.")
MEAN = hint(
    "mean", "The mean `g` is in the place of `upstream`: what comes from above is given, whatever `g` comes out as."
)
ORDER = hint("order", "The two gradients are exchanged: the input's comes first, `(dX, dF)`.")
SHRUNK = hint(
    "shrunk",
    "The gradient of the input has the input's shape: pixels at the border lie under fewer windows, but they count.",
)
WINDOWS = hint(
    "windows",
    "The mean divides by the number of windows, and that number follows from the sizes: it is not the same for every "
    "input and filter.",
)


def _gradients(X, F, upstream=1.0):
    """dL/dX and dL/dF of upstream * mean(correlate(X, F)) by automatic differentiation, how many windows, the mean."""
    X = torch.tensor(X, dtype=torch.float64, requires_grad=True)
    F = torch.tensor(F, dtype=torch.float64, requires_grad=True)
    scores = torch.nn.functional.conv2d(X[None, None], F[None, None])
    mean = scores.mean()
    (upstream * mean).backward()
    return X.grad.numpy(), F.grad.numpy(), scores.numel(), mean.item()


def _factors(given, windows, mean):
    """The mistakes that bring a wrong factor into every entry."""
    slips = [(windows, QUARTER), (1 / given["upstream"], UPSTREAM), (mean / given["upstream"], MEAN)]
    return [(0.6, lambda right, factor=factor: right * factor, told) for factor, told in slips if factor]


def _most(answer, value):
    """Whether more than half of the answer's entries are these; where only a few are, they are so by chance."""
    cells = np.array(answer, dtype=object)
    if cells.shape != value.shape:
        return False
    others = sum(cell != close(entry, atol=1e-6) for cell, entry in zip(cells.flat, value.flat, strict=True))
    return others < value.size / 2


def _moved(answer, right):
    """The right entries at other places, as mistakes: turned, transposed or mirrored, if that is what was done."""
    ways = [(0.5, right[::-1, ::-1], TURNED), *((0, way, PLACES) for way in (right.T, right[:, ::-1], right[::-1]))]
    return [way for way in ways if _most(answer, way[1])]


@points(6, part="q2.dF")
def test_gradient_of_the_filter(submission, given):
    """Each entry of the filter collects the inputs that it was multiplied with, averaged over the windows."""
    _, right, windows, mean = _gradients(given["X"], given["F"], given["upstream"])
    answer = submission.grad_filter()

    assert answer == close(
        right,
        each=True,
        atol=1e-6,
        mistakes=[*_moved(answer, right), *_factors(given, windows, mean)],
    )


@points(6, part="q2.dX")
def test_gradient_of_the_input(submission, given):
    """Each pixel collects the filter entries that it was multiplied with, averaged over the windows."""
    right, dF, windows, mean = _gradients(given["X"], given["F"], given["upstream"])
    rows, columns = dF.shape
    crops = [right[i : i + rows, j : j + columns] for i in (0, 1) for j in (0, 1)]
    one_window = np.array(given["F"]) * given["upstream"] / windows
    answer = submission.grad_input()

    assert answer == close(
        right,
        each=True,
        atol=1e-6,
        mistakes=[
            *_moved(answer, right),
            *_factors(given, windows, mean),
            *((0.2, small, SHRUNK) for small in (*crops, one_window)),
        ],
    )


@points(3, part="q2.code")
def test_gradients_of_any_size(submission, draw):
    """The function agrees with automatic differentiation on twenty sizes, the smallest and the largest filter too."""
    numbers = draw("sizes")
    sizes = [(5, 4, 1, 1), (4, 6, 4, 6)]
    for _ in range(18):
        H, W = numbers.integers(1, 9, size=2)
        sizes.append((H, W, numbers.integers(1, H + 1), numbers.integers(1, W + 1)))

    for H, W, a, b in sizes:
        X, F = numbers.normal(size=(H, W)), numbers.normal(size=(a, b))
        dX, dF, windows, mean = _gradients(X, F)
        answer = submission.conv_gap_backward(X, F)
        paired = isinstance(answer, list | tuple) and len(answer) == 2
        assert paired, hint("pair", "Return the two gradients as a pair, the input's first: `(dX, dF)`.")
        for got, right, other in zip(answer, (dX, dF), (dF, dX), strict=True):
            assert got == close(
                right,
                atol=1e-6,
                mistakes=[
                    # the factor of the hand calculation, used for every size; none; the input's size or the filter's
                    *((0.4, right * windows / count, WINDOWS) for count in (4, 1, X.size, F.size)),
                    (0.4, right * mean, MEAN),
                    (0.5, right[::-1, ::-1], TURNED),
                    (0.5, other, ORDER),
                ],
            )
