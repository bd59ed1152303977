"""Hidden checks of the 1x1 filter: facts measured on a real layer, torch's own convolution as the oracle."""

import numpy as np
import torch

from grader import choices, close, hint, inside, points, tensor

WITH_1X1 = {"resnet", "inception", "squeezenet", "mobilenet"}
WITHOUT = {"vgg16", "lenet5"}
NOT_A_MAP = hint("not_a_map", "Return the tensor itself, with the four axes of a batch of maps.")


@inside
def listened_to(conv1x1, x, w, b):
    """The result, and the names of torch's convolutions that the call reaches, by whatever way."""
    from torch.overrides import TorchFunctionMode

    called = set()

    class Listening(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            name = getattr(function, "__name__", "")
            if name.startswith(("conv", "_conv", "mkldnn_conv")):
                called.add(name)
            return function(*args, **(kwargs or {}))

    with Listening():
        result = conv1x1(x, w, b)
    return result, sorted(called)


@inside
def trainable_weights_behind(function, x, *filters):
    """How many trainable numbers the result depends on: the leaves of its graph."""
    waiting, seen, leaves = [getattr(function(x, *filters), "grad_fn", None)], set(), {}
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):  # only a leaf's node has one
            leaves[id(node.variable)] = node.variable.numel()
        waiting += [below for below, _ in node.next_functions]
    return sum(leaves.values())


def _facts():
    """What a 1x1 layer does, read off a layer with fewer filters than channels."""
    x = torch.rand(1, 5, 4, 6)
    layer = torch.nn.Conv2d(5, 2, 1, bias=False)
    y = layer(x)
    fewer, same_size = y.shape[1] < x.shape[1], y.shape[2:] == x.shape[2:]
    names = {(True, False): "channels", (False, True): "spatial size", (True, True): "both", (False, False): "neither"}
    mixes = {
        "linear combination of channels": torch.tensordot(layer.weight[:, :, 0, 0], x[0], dims=1),
        "maximum over channels": x[0].amax(0, keepdim=True).expand(2, -1, -1),
        "mean over neighbours": torch.nn.functional.avg_pool2d(x, 3, 1, 1)[0, :2],
    }
    (mix,) = [name for name, values in mixes.items() if torch.allclose(values, y[0], atol=1e-6)]
    return {"reduces": names[fewer, not same_size], "keeps": names[not fewer, same_size], "output_is": mix}


@points(1, part="q6a")
def test_facts(submission):
    """What the layer reduces, what it keeps and what its output is agree with what a real layer does."""
    answer = submission.one_by_one_facts()

    shrinks = isinstance(answer, dict) and "spatial" in str(answer.get("reduces")).lower()
    assert not shrinks, hint(
        "spatial", "Pass a map of any height and width through a 1x1 layer: both come out as they went in."
    )
    sizes = ["channels", "spatial size", "both", "neither"]
    mixes = ["linear combination of channels", "maximum over channels", "mean over neighbours"]
    assert answer == choices(
        _facts(),
        words={"reduces": sizes, "keeps": sizes, "output_is": mixes},
        hints={
            "output_is": {
                "maximum over channels": hint("nothing_compared", "A filter multiplies and adds; it compares nothing."),
                "mean over neighbours": hint("no_neighbours", "A filter of one pixel has no neighbours under it."),
            }
        },
    )


@points(3, part="q6b")
def test_matrix_product(submission, draw):
    """The product agrees with torch's convolution on ten shapes, and no convolution is called."""
    numbers = draw("maps")
    shapes = [(2, 4, 4, 3, 5)]  # as many filters as channels: a transposed matrix still fits
    while len(shapes) < 10:
        shapes.append(tuple(int(n) for n in numbers.integers(1, [4, 8, 8, 9, 9])))

    for N, C, O, H, W in shapes:
        x, w, b = (numbers.normal(size=size).astype("float32") for size in ((N, C, H, W), (O, C), (O,)))

        def convolved(weights, biases, x=x):
            weights = torch.from_numpy(weights)[:, :, None, None]
            return torch.nn.functional.conv2d(torch.from_numpy(x), weights, torch.from_numpy(biases)).numpy()

        answer, called = submission(listened_to, submission.conv1x1, tensor(x), tensor(w), tensor(b))
        assert not called, hint("called", "A convolution of torch is called: write it as a matrix product instead.")
        right, transposed = convolved(w, b), convolved(w.reshape(C, O).T, b)
        assert answer == close(
            right,
            atol=1e-5,
            rtol=1e-5,  # float32
            mistakes=[
                (0.4, transposed, hint("transposed", "The matrix is transposed: row o of w belongs to output map o.")),
                (0.7, convolved(w, 0 * b), hint("bias", "The bias is missing: each output map has its own.")),
                (0.5, right.transpose(0, 2, 3, 1), hint("axes", "The maps are right and come last: put them second.")),
            ],
        )
        if np.shape(answer) != right.shape or not np.allclose(answer, right, atol=1e-4):
            return  # recognised as it is; a transposed matrix does not fit most other shapes


@points(1, part="q6t")
def test_models_with_one_by_one_filters(submission):
    """At least two models that use 1x1 filters are named, and none that does not."""
    answer = submission.used_in()
    assert isinstance(answer, list | tuple), hint(
        "one_text", "Return a list, in which each name is a text of its own, in its own quotation marks."
    )
    named = {word.lower().replace("-", "").replace(" ", "") for word in answer if isinstance(word, str)}

    assert not named & WITHOUT, hint(
        "without", "A model without 1x1 filters is named: look its filter sizes up in its paper's table of layers."
    )
    assert len(named & WITH_1X1) >= 2, hint(
        "two_models", "Name at least two models, in exactly the words of the list in the docstring."
    )


@points(1, part="q6th")
def test_saving(submission, draw):
    """The ratio of multiply-adds is right for the source's layer, for one that does not pay, and for drawn ones."""
    numbers = draw("layers")
    layers = [(192, 16, 32, 5, 28, 28), (24, 24, 40, 1, 7, 9)]
    while len(layers) < 10:
        layers.append(tuple(int(n) for n in numbers.integers(1, [300, 65, 300, 8, 33, 33])))

    for cin, mid, cout, k, h, w in layers:
        direct, reduce, expand = (
            torch.nn.Conv2d(*sizes, device="meta") for sizes in ((cin, cout, k), (cin, mid, 1), (mid, cout, k))
        )
        products = [layer.weight.numel() * h * w for layer in (direct, reduce, expand)]
        weights = [layer.weight.numel() + layer.bias.numel() for layer in (direct, reduce, expand)]

        assert submission.bottleneck_saving(cin, mid, cout, k, h, w) == close(
            products[0] / (products[1] + products[2]),
            rtol=1e-9,  # the ratio of parameters differs only by the biases
            mistakes=[
                (
                    0.5,
                    weights[0] / (weights[1] + weights[2]),
                    hint("parameters", "This is the ratio of parameters; multiply-adds have no biases among them."),
                ),
                (
                    0,
                    (products[1] + products[2]) / products[0],
                    hint("inverted", "The ratio is upside down: the layer without the bottleneck stands above."),
                ),
            ],
        )


def _drawn_map(numbers):
    """A small map (N, C, H, W) float32 with H and W different."""
    N, C, H, W = (int(n) for n in numbers.integers([1, 1, 2, 8], [4, 9, 8, 13]))
    return numbers.normal(size=(N, C, H, W)).astype("float32")


@points(2, part="q6j")
def test_demo_keeps_height_and_width(submission, draw):
    """The result has as many maps as there are filters (thirty-two if nothing is said); height and width stay."""
    numbers = draw("maps")
    for filters in ((), (), (5,), (40,)):
        x = _drawn_map(numbers)
        N, _, H, W = x.shape
        O = filters[0] if filters else 32

        answer = submission.conv1x1_demo(tensor(x), *filters)

        assert isinstance(answer, np.ndarray), NOT_A_MAP
        assert answer.shape != (N, O, H + 2, W + 2), hint(
            "padding", "Height and width grow at every edge: a filter of one pixel needs no padding."
        )
        assert answer.shape == close((N, O, H, W))


@points(1, part="q6j")
def test_demo_is_rectified(submission, draw):
    """After the ReLU no value is negative and some are exactly zero; equal pixels give equal results."""
    numbers = draw("maps")
    x = _drawn_map(numbers)
    x[:, :, 0, 0] = x[:, :, -1, -1]

    answer = submission.conv1x1_demo(tensor(x))

    assert getattr(answer, "ndim", 0) == 4, NOT_A_MAP
    rectified = (answer >= 0).all() and (answer == 0).any()
    assert rectified, hint("relu", "The ReLU after the layer is missing.")
    assert (answer > 0).any()  # nothing but zeros is no map either
    assert np.allclose(answer[..., 0, 0], answer[..., -1, -1], atol=1e-5), hint(
        "neighbours", "Two equal pixels give different results: the filter looks at more than one pixel."
    )


@points(2, part="q6j")
def test_demo_counts(submission, draw):
    """Behind the result stand one weight a channel and one bias, for each of the filters."""
    numbers = draw("channels")
    cases = [(256, ()), *((int(C), (int(O),)) for C, O in numbers.integers(2, 50, size=(3, 2)))]
    for C, filters in cases:
        x = numbers.normal(size=(1, C, 2, 3)).astype("float32")
        O = filters[0] if filters else 32

        count = submission(trainable_weights_behind, submission.conv1x1_demo, tensor(x), *filters)

        assert count > 0, hint(
            "detached", "No trainable weights stand behind the result: make an nn.Conv2d and leave gradients on."
        )
        assert count == close(C * O + O)
