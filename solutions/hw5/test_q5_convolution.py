"""Hidden checks of the measured properties of convolutions, by numpy's shifts and turns and by loops over modules."""

import numpy as np
import torch

from grader import close, hint, network, points, tensor

BORDER = hint(
    "border",
    "The columns at the edge are still in it: there the window meets the padding, or pixels that came round from the "
    "other side. Leave out the outer quarter on either side.",
)
INVARIANT = hint("invariant", "This asks for no trace of the move: move the output of the picture as it was, too.")
OTHER_WAY = hint("other_way", "The output is turned the other way: it has to follow the picture.")
SIGNED = hint("signed", "A difference below zero is one too: take absolute values before the largest.")
MEAN = hint("mean", "The differences are averaged: the largest one was asked.")
MEASURED = hint("measured", "A layer that treats every column in its own way is not equivariant: measure the error.")
BIASES = hint("biases", "Both layers have a bias for each of their outputs: one a map, and one a unit.")
STRIDE = hint(
    "stride", "Neighbours in a deep layer lie further apart in the picture, by the strides of the layers below."
)
ABOVE = hint("above", "The strides of the layers above are taken: those of the layers below spread the window.")
OWN_STRIDE = hint(
    "own_stride", "A layer's own stride spreads what the layers after it see; its own window is not yet spread by it."
)


def _with_drawn_weights(layer, numbers):
    """The layer with every parameter drawn from a normal distribution, float32."""
    with torch.no_grad():
        for weights in layer.parameters():
            weights.copy_(torch.from_numpy(numbers.normal(size=tuple(weights.shape))))
    return layer


def _shift_gap(layer, x, dx, back=None):
    """The layer of the shifted images less its output, shifted (by `back` if that is another shift) by numpy."""
    with torch.no_grad():
        first = layer(torch.from_numpy(np.roll(x, dx, 3))).numpy()
        then = layer(torch.from_numpy(x)).numpy()
    return first - np.roll(then, dx if back is None else back, 3)


def _turn_gap(layer, x, back=1):
    """The layer of the turned images less its output, turned by so many quarters by numpy."""
    with torch.no_grad():
        first = layer(torch.from_numpy(np.rot90(x, 1, (2, 3)).copy())).numpy()
        then = layer(torch.from_numpy(x)).numpy()
    return first - np.rot90(then, back, (2, 3))


def _largest(gap, edge=0):
    """The largest absolute difference, without so many columns on either side."""
    return float(np.abs(_kept(gap, edge)).max())


def _kept(gap, edge=0):
    """The differences that count: all but so many columns on either side."""
    return gap[..., edge : gap.shape[3] - edge]


def _errors(gaps, *others):
    """The comparer of the errors of all layers at once: one layer alone may fit a slip that was not made.

    gaps: the differences of each layer; others: (share, the differences that a slip takes, hint).
    """
    slips = [(share, list(map(_largest, taken)), told) for share, taken, told in others]
    slips += [(0.6, [gap.max() for gap in gaps], SIGNED), (0.5, [np.abs(gap).mean() for gap in gaps], MEAN)]
    # sums of at most 75 products of size 1 in float32
    return close(list(map(_largest, gaps)), atol=1e-4, rtol=1e-4, mistakes=slips)


def _anything(*_):
    """What tells nothing in particular: the first draw will do."""
    return True


def _shifts(numbers):
    """Layers, images, shifts and gaps: three convolutions, and dense layers until each slip shows at one of them."""
    kinds = [
        *((padding, _anything) for padding in ("zeros", "circular", "reflect")),
        ("", lambda gap, edge: gap[..., edge:-edge].min() < -1.01 * gap[..., edge:-edge].max()),  # not without abs
        ("", lambda gap, edge: _largest(gap, edge - 1) > 1.01 * _largest(gap, edge)),  # not with a column more
        ("", lambda gap, edge: _largest(gap, edge) > 1.01 * _largest(gap, edge + 1)),  # not with one less
    ]
    for padding, tells in kinds:
        gap = None
        while gap is None or not tells(gap, gap.shape[3] // 4):
            W, k, cin = int(numbers.integers(16, 25)), int(numbers.choice([3, 5])), int(numbers.integers(1, 4))
            dx = int(numbers.choice([-2, -1, 1, 2]))  # like k // 2 at most 2: the outer quarter covers both
            x = numbers.normal(size=(2, cin, 9, W)).astype("float32")
            same = {"padding": k // 2, "padding_mode": padding}
            layer = _with_drawn_weights(
                torch.nn.Conv2d(cin, 3, k, **same) if padding else torch.nn.Linear(W, W), numbers
            )
            gap = _shift_gap(layer, x, dx)
        yield layer, x, dx, gap


def _turns(numbers):
    """Layers, images and gaps: one that a quarter turn leaves alone, others until each slip shows at one of them."""
    kinds = [
        (True, _anything),
        (False, lambda gap: _largest(gap) > 1.01 * np.abs(gap[..., 1:-1, 1:-1]).max()),  # not without the border
        (False, lambda gap: gap.min() < -1.01 * gap.max()),  # not without abs
    ]
    for even, tells in kinds:
        gap = None
        while gap is None or not tells(gap):
            side, cin = int(numbers.integers(7, 13)), int(numbers.integers(1, 4))
            x = numbers.normal(size=(2, cin, side, side)).astype("float32")
            layer = _with_drawn_weights(torch.nn.Conv2d(cin, 3, 3, padding=1), numbers)
            if even:
                layer.weight.data = sum(torch.rot90(layer.weight.data, turns, (2, 3)) for turns in range(4))
            gap = _turn_gap(layer, x)
        yield layer, x, gap


def _seen_by_one_unit(layers):
    """The receptive field, found by walking from one unit of the last layer back to the pixels it reads."""
    low = high = 0
    for k, stride in reversed(layers):
        low, high = low * stride, high * stride + k - 1
    return high - low + 1


@points(1, part="q5")
def test_shift_error(submission, draw):
    """Away from the edges a convolution commutes with a shift, whatever its padding; a dense layer does not."""
    answers, kept, whole, unmoved = [], [], [], []
    for layer, x, dx, gap in _shifts(draw("shifts")):
        answers.append(submission.shift_error(network(layer), tensor(x), dx))
        edge = x.shape[3] // 4
        kept.append(_kept(gap, edge))
        whole.append(gap)
        unmoved.append(_kept(_shift_gap(layer, x, dx, back=0), edge))

        zero = isinstance(answers[-1], int | float) and answers[-1] == 0
        assert not (isinstance(layer, torch.nn.Linear) and zero), MEASURED

    assert answers == _errors(kept, (0.6, whole, BORDER), (0.4, unmoved, INVARIANT))


@points(1, part="q5")
def test_rotation_error(submission, draw):
    """A drawn filter does not commute with a quarter turn; one that looks the same after the turn does."""
    turns = list(_turns(draw("turns")))

    answers = [submission.rotation_error(network(layer), tensor(x)) for layer, x, _ in turns]

    still, away = ([_turn_gap(layer, x, back) for layer, x, _ in turns] for back in (0, -1))
    assert answers == _errors([gap for *_, gap in turns], (0.4, still, INVARIANT), (0.5, away, OTHER_WAY))


@points(1, part="q5")
def test_parameters_saved_by_sharing(submission, draw):
    """Both counts are those of real layers of these sizes."""
    numbers = draw("sizes")
    for _ in range(10):
        cin, cout, k, h, w = (int(n) for n in numbers.integers(1, [7, 7, 6, 9, 9]))
        shared = torch.nn.Conv2d(cin, cout, k, device="meta")
        dense = torch.nn.Linear(cin * h * w, cout * h * w, device="meta")
        right = [sum(weights.numel() for weights in layer.parameters()) for layer in (shared, dense)]

        assert submission.conv_vs_dense_params(cin, cout, k, h, w) == close(
            right, each=True, mistakes=[(0.6, [right[0] - cout, right[1] - cout * h * w], BIASES)]
        )


@points(1, part="q5")
def test_receptive_field(submission, draw):
    """Twenty stacks of layers see as many pixels as a walk back from one unit reaches."""
    numbers = draw("stacks")
    stacks = [[(3, 2), (3, 2), (3, 1)]]
    stacks += [numbers.integers(1, (8, 4), size=(int(numbers.integers(1, 7)), 2)).tolist() for _ in range(19)]
    stacks = [[(k, stride) for k, stride in stack] for stack in stacks]

    def spread_by_itself(layers):
        strides = [stride for _, stride in layers]
        return 1 + sum((k - 1) * int(np.prod(strides[: i + 1])) for i, (k, _) in enumerate(layers))

    # all at once: one stack alone may fit a slip that was not made
    assert [submission.receptive_field(layers) for layers in stacks] == close(
        [_seen_by_one_unit(layers) for layers in stacks],
        mistakes=[
            (0.5, [1 + sum(k - 1 for k, _ in layers) for layers in stacks], STRIDE),
            (0.5, [spread_by_itself(layers) for layers in stacks], OWN_STRIDE),
            (0.5, [_seen_by_one_unit(layers[::-1]) for layers in stacks], ABOVE),
        ],
    )
