"""Hidden checks of the measured properties of convolutions: the oracles are loops over columns, modules and pixels."""

import numpy as np
import torch

from grader import close, hint, network, points, tensor

BORDER = hint(
    "border",
    "The columns at the edge are still in it: there the window meets the padding, or pixels that came round from the "
    "other side. Leave out the outer quarter on either side.",
)
MEASURED = hint("measured", "A layer that treats every column in its own way is not equivariant: measure the error.")
BIASES = hint("biases", "Both layers have a bias for each of their outputs: one a map, and one a unit.")
STRIDE = hint(
    "stride", "Neighbours in a deep layer lie further apart in the picture, by the strides of the layers below."
)
OWN_STRIDE = hint(
    "own_stride", "A layer's own stride spreads what the layers after it see; its own window is not yet spread by it."
)


def _with_drawn_weights(layer, numbers):
    """The layer with every parameter drawn from a normal distribution, float32."""
    with torch.no_grad():
        for weights in layer.parameters():
            weights.copy_(torch.from_numpy(numbers.normal(size=tuple(weights.shape))))
    return layer


def _shift_error(layer, x, dx, edge):
    """The largest difference over the columns edge <= j < W - edge, column by column."""
    W = x.shape[3]
    shifted = np.stack([x[..., (j - dx) % W] for j in range(W)], axis=-1)
    with torch.no_grad():
        first, then = layer(torch.from_numpy(shifted)).numpy(), layer(torch.from_numpy(x)).numpy()
    return max(float(np.abs(first[..., j] - then[..., (j - dx) % W]).max()) for j in range(edge, W - edge))


def _rotation_error(layer, x):
    """The largest difference over all pixels, turned by numpy."""
    with torch.no_grad():
        first = layer(torch.from_numpy(np.rot90(x, 1, (2, 3)).copy())).numpy()
        then = layer(torch.from_numpy(x)).numpy()
    return float(np.abs(first - np.rot90(then, 1, (2, 3))).max())


def _seen_by_one_unit(layers):
    """The receptive field, found by walking from one unit of the last layer back to the pixels it reads."""
    low = high = 0
    for k, stride in reversed(layers):
        low, high = low * stride, high * stride + k - 1
    return high - low + 1


@points(1, part="q5")
def test_shift_error(submission, draw):
    """Away from the edges a convolution commutes with a shift, whatever its padding; a dense layer does not."""
    numbers = draw("shifts")
    for padding in ("zeros", "circular", "reflect", None):
        W, k, cin = int(numbers.integers(16, 25)), int(numbers.choice([3, 5])), int(numbers.integers(1, 4))
        dx = int(numbers.choice([-2, -1, 1, 2]))  # at most 2, and k // 2 is at most 2: the outer quarter covers both
        x = numbers.normal(size=(2, cin, 9, W)).astype("float32")
        conv = torch.nn.Conv2d(cin, 3, k, padding=k // 2, padding_mode=padding) if padding else torch.nn.Linear(W, W)
        layer = _with_drawn_weights(conv, numbers)

        answer = submission.shift_error(network(layer), tensor(x), dx)

        zero = isinstance(answer, int | float) and answer == 0
        assert padding or not zero, MEASURED
        assert answer == close(
            _shift_error(layer, x, dx, edge=W // 4),
            atol=1e-4,  # sums of at most 75 products of size 1 in float32
            rtol=1e-4,
            mistakes=[(0.6, _shift_error(layer, x, dx, edge=0), BORDER)],
        )


@points(1, part="q5")
def test_rotation_error(submission, draw):
    """A drawn filter does not commute with a quarter turn; one that looks the same after the turn does."""
    numbers = draw("turns")
    for even in (False, False, True):
        side, cin = int(numbers.integers(7, 13)), int(numbers.integers(1, 4))
        x = numbers.normal(size=(2, cin, side, side)).astype("float32")
        layer = _with_drawn_weights(torch.nn.Conv2d(cin, 3, 3, padding=1), numbers)
        if even:
            layer.weight.data = sum(torch.rot90(layer.weight.data, turns, (2, 3)) for turns in range(4))

        assert submission.rotation_error(network(layer), tensor(x)) == close(
            _rotation_error(layer, x), atol=1e-4, rtol=1e-4
        )


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
            right, mistakes=[(0.6, [right[0] - cout, right[1] - cout * h * w], BIASES)]
        )


@points(1, part="q5")
def test_receptive_field(submission, draw):
    """Twenty stacks of layers see as many pixels as a walk back from one unit reaches."""
    numbers = draw("stacks")
    stacks = [[(3, 2), (3, 2), (3, 1)]]
    stacks += [numbers.integers(1, (8, 4), size=(int(numbers.integers(1, 7)), 2)).tolist() for _ in range(19)]
    for stack in stacks:
        layers = [(k, stride) for k, stride in stack]
        strides = [stride for _, stride in layers]
        flat = 1 + sum(k - 1 for k, _ in layers)
        spread_by_itself = 1 + sum((k - 1) * int(np.prod(strides[: i + 1])) for i, (k, _) in enumerate(layers))

        assert submission.receptive_field(layers) == close(
            _seen_by_one_unit(layers), mistakes=[(0.5, flat, STRIDE), (0.5, spread_by_itself, OWN_STRIDE)]
        )
