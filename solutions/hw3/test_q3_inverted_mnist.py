"""Hidden checks of inverted MNIST: arrays made here, torch's functions under the student's weights, and trainings."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from grader import choices, close, hint, inside, needs, network, points, tensor, trained, watch

PAIR = hint("pair", "Return two arrays, the images and what belongs to them.")
IN_PLACE = hint("in_place", "The arguments were changed: make new arrays.")
WRAPS = hint("wraps", "Minus a byte wraps around: black stays black. Take it from the largest value that a byte has.")
LABELS = hint("labels", "Each copy needs its original's label: there must be as many labels as images.")
ORDER = hint("order", "The images are right and their order is not: all originals first, then their copies.")
APART = hint("apart", "Images and labels went separate ways: apply one order to both.")
UNMOVED = hint("unmoved", "The rows come back in the order in which they were given.")
UNSEEDED = hint("unseeded", "The seed must decide the order: the same seed the same, another seed another.")
UNSCALED = hint("unscaled", "The pixels still go up to 255: divide them.")
COLUMNS = hint("columns", "There are as many columns as classes, whether or not the last ones occur.")
NO_BIAS = hint("no_bias", "The biases are missing: every filter and every unit has one.")
PADDED = hint("padded", "The convolutions are padded here: without padding the maps shrink.")
BATCH = hint("batch", "How many images were shown is no part of a layer's shape: leave that axis out.")
HEADINGS = hint("headings", "The accuracies went under other alphas: each belongs to the key that it stands under.")
LAYERS = hint("layers", "Two nn.Conv2d and one nn.Linear of the table's sizes were asked for.")
LOGITS = hint("logits", "Probabilities come out, but logits were asked: the cross-entropy applies the softmax itself.")
BYTES = hint(
    "divided", "Bytes and the same images as floats in [0, 1] must give the same logits: divide inside the network."
)
ALPHA = hint("alpha", "The slope below zero is not the alpha that was asked, in both places.")
MAXIMUM = hint("maximum", "The larger of v and alpha * v is a leaky ReLU up to alpha = 1 only: go by the sign of v.")
DROPPED = hint("dropped", "The rest that does not fill a batch is left out: it makes a step, unless it is dropped.")
FULL = hint("full", "Where the rows fill all batches nothing is left over, and no step is added.")
KEPT = hint("kept", "`drop_last` makes no difference here: with it the rest is left out.")
WEAK = hint(
    "weak",
    "Train the same linear network on the plain images alone: it names most of them. So that it is linear is not the "
    "whole reason; what do the inverted copies add?",
)
ZERO_LOSS = hint("zero_loss", "No network of this kind reaches a loss of zero: what must it answer to x and to 1 - x?")
BITS = hint("bits", "This is in bits: the cross-entropy here is taken with the natural logarithm.")
NEGATIVE = hint("negative", "A cross-entropy is never negative: logarithms of shares are, so a minus comes first.")
PERCENT = hint("percent", "This is in percent; a share, from 0 to 1, was asked.")
UNEQUAL = hint("unequal", "That would be right if all labels were equally frequent: see the counts.")
NEGATED = hint("negated", "The copy of x is 1 - x; minus x is no image.")
MINUS = hint("minus", "The two outputs are subtracted: add them.")
INVERSION = hint(
    "inversion",
    "With alpha = 1 the network does too well for one that has learnt from images and copies alike: are all rows used, "
    "as they are given, and does alpha reach both places?",
)
CONTROL = hint(
    "control", "Without copies the network with alpha = 1 must learn most digits: to fail everywhere explains nothing."
)
MODULES = hint("modules", "nn.PReLU layers behind both convolutions were asked for.")
IDENTITY = hint("identity", "Print id() of both PReLUs: one object in two places is counted once, two objects twice.")
CHANNELS = hint("channels", "Each PReLU learns one alpha a channel, not one for all of them.")
PLANES = hint("planes", "An alpha for each row and column is not enough: each channel of a map has its own.")
NO_ALPHAS = hint("no_alphas", "The alphas are parameters too: they are learnt.")
PLACES = hint("places", "These are places in the grid: return the grid's values.")
EXCEPTIONS = hint(
    "exceptions", "Look again at the alphas farthest from zero: more than one is nearer to another value."
)

QUICK_ROWS = 2000  # of the practice subset, and as many copies: three epochs are 2 s a network
# Six standard deviations above what alpha = 1 reaches on images and copies (docs/bars.md), and well below what the same
# network reaches there if it learns from images alone.
NEAR_CHANCE = 0.35


def _drawn(rng, n=12, h=5, w=7):
    """n images of h x w bytes, black and white pixels among them, and their labels."""
    x = rng.integers(0, 256, (n, h, w), dtype=np.uint8)
    x[0, 0, :2] = 0, 255
    return x, rng.integers(0, 10, n)


def _pair(answer):
    """The two arrays of an answer that is a pair; an AssertionError that says so otherwise."""
    assert isinstance(answer, list | tuple), PAIR
    assert len(answer) == 2, PAIR
    return np.asarray(answer[0]), np.asarray(answer[1])


# Who wraps around has the right labels, dtype and arguments: 0.2 of 3 points and the other one are 40 % of the part.
@points(3, part="q3a")
def test_doubled(submission, draw):
    """The originals come first and then their inverted copies, each with its original's label."""
    for n, h, w in ((12, 5, 7), (1, 28, 28), (9, 3, 3)):
        x, y = _drawn(draw("images"), n, h, w)
        copies = np.array([[[255 - int(v) for v in row] for row in image] for image in x])
        negatives, less_than_one = ((black - x.astype(int)) % 256 for black in (0, 1))

        images, labels = _pair(submission.invert_augment(x, y))

        assert len(labels) == len(images), LABELS
        mixed = np.stack([x, copies], axis=1).reshape(-1, h, w)
        assert images == close(
            np.concatenate([x, copies]),
            mistakes=[
                (0.2, np.concatenate([x, negatives]), WRAPS),
                (0.2, np.concatenate([x, less_than_one]), WRAPS),
                (0, np.concatenate([copies, x]), ORDER),
                *([(0, mixed, ORDER)] if n > 1 else []),
            ],
        )
        assert labels == close(np.concatenate([y, y])), LABELS


@points(1, part="q3a")
def test_doubled_bytes(submission, draw):
    """The doubled images are bytes again, and the arguments stay as they were."""
    x, y = _drawn(draw("bytes"))

    with watch() as seen:
        images, labels = _pair(submission.invert_augment(x, y))

    assert images.shape == (2 * len(x), *x.shape[1:])
    assert len(labels) == 2 * len(y), LABELS
    assert images.dtype == np.uint8, hint("bytes", "Bytes were asked: the result has another dtype.")
    assert not seen.modified, IN_PLACE


def _told_apart(rng, n):
    """n images, no two alike, whose label can be read off the image: its first pixel."""
    x, y = _drawn(rng, n, 4, 4)
    x[:, 0, 0], x[:, 0, 1] = y, np.arange(n) % 256
    return x, y


def _check_pairs(images, labels, x):
    """Assert that these are the rows of x, each once, with the labels that their first pixels say."""
    assert images.shape == x.shape
    assert labels == close(images[:, 0, 0]), APART
    assert sorted(map(bytes, images)) == sorted(map(bytes, x)), hint(
        "multiset", "Some rows are missing or come twice: every row occurs once."
    )


@points(1.5, part="q3b")
def test_shuffled_pairs(submission, draw):
    """Every image occurs once, in a new order, and its label has moved with it."""
    x, y = _told_apart(draw("rows"), 200)

    images, labels = _pair(submission.shuffle_together(x, y, int(draw("seed").integers(1000))))

    _check_pairs(images, labels, x)
    assert not np.array_equal(images, x), UNMOVED


@points(0.5, part="q3b")
def test_shuffled_by_seed(submission, draw):
    """The same seed gives the same order, another seed another one, and the arguments stay as they were."""
    x, y = _told_apart(draw("rows"), 200)
    seed = int(draw("seed").integers(1000))

    with watch() as seen:
        first, again, other = (_pair(submission.shuffle_together(x, y, s)) for s in (seed, seed, seed + 1))

    for images, labels in (first, again, other):
        _check_pairs(images, labels, x)
    assert np.array_equal(first[0], again[0]), UNSEEDED
    assert not np.array_equal(first[0], other[0]), UNSEEDED
    assert not seen.modified, IN_PLACE


@points(1, part="q3c")
def test_prepared_images(submission, draw):
    """The images get a channel axis at their end and their pixels lie between 0 and 1."""
    rng = draw("images")
    for n in (1, 9):
        x, y = _drawn(rng, n, 28, 28)

        images, _ = _pair(submission.prepare(x, y))

        right = np.array([[[[int(v) / 255] for v in row] for row in image] for image in x])
        assert images == close(right, atol=1e-6, mistakes=[(0, right * 255, UNSCALED)])


# Who counts columns up to the largest label has the rest: 0.2 of 1.5 points and the other 1.5 are 60 % of the part.
@points(1.5, part="q3c")
def test_prepared_labels(submission, draw):
    """Each label becomes a row with a single one, and classes that do not occur have columns too."""
    rng = draw("labels")
    for classes in (10, None, 4, int(rng.integers(11, 15))):
        wide = classes or 10
        y = np.append(rng.integers(0, wide - 1, 6), wide - 2)  # the last class does not occur
        x = np.zeros((len(y), 28, 28), dtype=np.uint8)
        right = np.array([[float(label == k) for k in range(wide)] for label in y])

        _, rows = _pair(submission.prepare(x, y, *([classes] if classes else [])))

        assert rows == close(right, mistakes=[(0.2, right[:, :-1], COLUMNS)])


@points(0.5, part="q3c")
def test_prepared_dtypes(submission, draw):
    """Both arrays are float32."""
    arrays = _pair(submission.prepare(*_drawn(draw("dtypes"), 3, 28, 28)))

    assert all(array.dtype == np.float32 for array in arrays), hint(
        "float32", "float32 was asked of both arrays: a division or np.eye by itself makes float64."
    )


NAMES = ("conv1", "conv2", "flatten", "dense")


def _layers(bias=True, padding=0):
    """The four layers of the network, built by torch."""
    side = 28 - 2 * (3 + 2) * (padding == 0)
    convolutions = [
        torch.nn.Conv2d(1, 8, 7, padding=padding, bias=bias),
        torch.nn.Conv2d(8, 8, 5, padding=padding, bias=bias),
    ]
    return [*convolutions, torch.nn.Flatten(), torch.nn.Linear(8 * side * side, 10, bias=bias)]


def _shapes(layers):
    """The shape after each layer without the batch, measured."""
    x, found = torch.zeros(1, 1, 28, 28), []
    for layer in layers:
        x = layer(x)
        found.append(tuple(x.shape[1:]))
    return found


def _counts(layers):
    return [sum(p.numel() for p in layer.parameters()) for layer in layers]


def _column(answer, place):
    """One column of the student's table, in the order of the layers; the answer itself if it is no such table."""
    if not isinstance(answer, list | tuple) or not all(
        isinstance(row, list | tuple) and len(row) == 3 for row in answer
    ):
        return answer
    rows = {row[0]: row[place] for row in answer if isinstance(row[0], str)}
    cells = [rows.get(name) for name in NAMES]
    return [tuple(cell) if isinstance(cell, list) else cell for cell in cells]


@points(1.5, part="q3d")
def test_table_of_shapes(submission):
    """Each layer leaves maps of the size that an unpadded filter leaves, and flattening counts them all."""
    right, padded = _shapes(_layers()), _shapes(_layers(padding="same"))
    shapes = _column(submission.param_table(), 1)
    images = shapes[0][0] if isinstance(shapes[0], tuple) and shapes[0] else 0

    assert shapes == close(
        right, each=True, mistakes=[(0.4, padded, PADDED), (0.4, [(images, *shape) for shape in right], BATCH)]
    )


@points(1.5, part="q3d")
def test_table_of_parameters(submission):
    """Each layer has as many parameters as its filters or units have weights and biases."""
    assert _column(submission.param_table(), 2) == close(
        _counts(_layers()),
        each=True,
        mistakes=[
            (0.4, _counts(_layers(bias=False)), NO_BIAS),
            (0.4, _counts(_layers(padding="same")), PADDED),
        ],
    )


@inside
def watched(net, x):
    """The layers as they run, with their tensors and inputs, and the output; PReLUs get random slopes."""
    import torch
    from torch import nn

    steps, slopes = [], torch.Generator().manual_seed(0)
    with torch.no_grad():
        for layer in net.modules():
            if isinstance(layer, nn.PReLU):
                layer.weight.uniform_(-1, 1, generator=slopes)

    def noted(layer, given, out):
        steps.append({**layer._parameters, "kind": type(layer).__name__, "in": given[0].clone()})

    kinds = nn.Conv2d | nn.Linear | nn.PReLU
    hooks = [layer.register_forward_hook(noted) for layer in net.modules() if isinstance(layer, kinds)]
    net.eval()
    with torch.no_grad():
        out = net(torch.from_numpy(x))
    for hook in hooks:
        hook.remove()
    return {"steps": steps, "out": out}


def _of(seen, kind):
    return [step for step in seen["steps"] if step["kind"] == kind]


def _logits(seen, slopes, above=1):
    """What the table makes of the first convolution's input, with slopes (8,) or a number in each place.

    above: the slope over zero, for slips that have another.
    """
    convolutions, dense = _of(seen, "Conv2d"), _of(seen, "Linear")
    assert len(convolutions) == 2, LAYERS
    assert len(dense) == 1, LAYERS
    weights = [
        {name: torch.from_numpy(np.array(step[name])) for name in ("weight", "bias") if step[name] is not None}
        for step in (*convolutions, *dense)
    ]
    assert [tuple(w["weight"].shape) for w in weights[:2]] == [(8, 1, 7, 7), (8, 8, 5, 5)], LAYERS
    assert weights[2]["weight"].shape != (10, 8 * 28 * 28), PADDED
    assert weights[2]["weight"].shape == (10, 8 * 18 * 18), LAYERS
    assert all("bias" in w for w in weights), NO_BIAS
    x = torch.from_numpy(convolutions[0]["in"])
    assert x.shape[1:] == (1, 28, 28)
    for layer, slope in zip(weights, slopes, strict=False):
        x = F.conv2d(x, **layer)
        x = torch.where(x > 0, above * x, x * torch.as_tensor(slope, dtype=x.dtype).reshape(-1, 1, 1))
    return F.linear(x.flatten(1), **weights[2]).numpy()


def _normalised(right):
    """Probabilities and their logarithms in place of the logits: a check of its own takes points for them."""
    return [(1, F.softmax(torch.from_numpy(right), 1).numpy()), (1, F.log_softmax(torch.from_numpy(right), 1).numpy())]


# Without biases, or padded, the network keeps its logits: 0.2 of 1 point and one more are 40 % of its three.
@points(1, part="q3d")
def test_leaky_count(submission, draw):
    """The network has as many parameters as the table's four layers together, whatever alpha is."""
    for alpha in (0.1, float(draw("alpha").uniform(-2, 2))):
        assert submission.build_leaky_net(alpha).count == close(
            sum(_counts(_layers())),
            mistakes=[
                (0.2, sum(_counts(_layers(bias=False))), NO_BIAS),
                (0.2, sum(_counts(_layers(padding="same"))), PADDED),
            ],
        )


@points(1, part="q3d")
def test_leaky_values(submission, draw):
    """For any alpha, one and negative ones among them, the network computes what the table says under its weights."""
    rng = draw("images")
    for alpha in (-1.0, -0.5, 0.0, 0.5, 1.0, float(rng.uniform(-2, 2)), float(rng.uniform(1.2, 2))):
        x = rng.random((6, 1, 28, 28), dtype=np.float32)

        seen = submission(watched, submission.build_leaky_net(alpha), x)

        right = _logits(seen, (alpha, alpha))
        slips = (
            []
            if alpha in (0, 1)
            else [(0, _logits(seen, s), ALPHA) for s in ((0.01, 0.01), (alpha, 0), (0, alpha), (-alpha, -alpha))]
        )
        if alpha > 1:
            slips.append((0, _logits(seen, (1, 1), above=alpha), MAXIMUM))
        assert seen["out"] == close(right, atol=1e-4, rtol=1e-4, mistakes=[*_normalised(right), *slips])


@inside
def turned(net):
    """Turn the sign of every dense layer, and with it of the logits: by chance all ten can lie above zero."""
    import torch

    with torch.no_grad():
        for layer in net.modules():
            if isinstance(layer, torch.nn.Linear):
                for p in layer.parameters():
                    p.neg_()


@points(1, part="q3d")
def test_leaky_logits(submission, draw):
    """The last layer gives logits, no softmax follows it, and bytes give the same logits as floats in [0, 1]."""
    net, x = submission.build_leaky_net(0.1), draw("logits").integers(0, 256, (6, 28, 28), dtype=np.uint8)

    out = np.asarray(submission(watched, net, (x[:, None] / 255).astype(np.float32))["out"])

    assert out.shape == (6, 10)
    assert not any(np.allclose(total, 1, atol=1e-4) for total in (out.sum(1), np.exp(out).sum(1))), LOGITS
    assert submission(watched, net, x)["out"] == close(out, atol=1e-5, rtol=1e-4), BYTES
    submission(turned, net)
    opposite = submission(watched, net, x)["out"]
    assert min(np.min(out), np.min(opposite)) < 0, hint(
        "rectified", "No output is negative: nothing follows the dense layer."
    )


@points(2, part="q3e")
def test_steps(submission, draw):
    """The number of steps is right for drawn sizes, with and without the rest that does not fill a batch."""
    settings = [
        (120_000, 128),
        (60_000, 128),
        (128, 128),
        (3, 128),
        *draw("sizes").integers(1, (5000, 300), (20, 2)).tolist(),
    ]
    kept = [len(range(0, n, batch)) for n, batch in settings]
    dropped = [len(range(batch, n + 1, batch)) for n, batch in settings]

    answers = [
        [submission.steps_per_epoch(n, batch) for n, batch in settings],
        [submission.steps_per_epoch(n, batch, drop_last=True) for n, batch in settings],
    ]

    added = [steps + 1 for steps in dropped]
    slips = [(0.5, [dropped, dropped], DROPPED), (0.5, [kept, kept], KEPT), (0.5, [added, dropped], FULL)]
    assert answers == close([kept, dropped], mistakes=slips)


COUNTS = np.array([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])  # labels of MNIST's training images
CAUSES = ["linear_too_weak", "inverted_pairs_cancel", "lr", "init"]


def _cell(answer, name):
    """One cell of the form; the answer itself if it is no form."""
    return answer.get(name) if isinstance(answer, dict) else answer


@points(1, part="q3f")
def test_cause(submission):
    """The cause agrees with what the same network does on plain images."""
    cause = _cell(submission.alpha_one(), "cause")

    if isinstance(cause, str) and "_".join(cause.lower().replace("-", " ").replace("_", " ").split()) == CAUSES[0]:
        assert cause == close("inverted_pairs_cancel", mistakes=[(0.4, cause, WEAK)])
    else:
        assert {"cause": cause} == choices({"cause": "inverted_pairs_cancel"}, words={"cause": CAUSES})


@points(1, part="q3f")
def test_best_loss(submission):
    """The smallest mean cross-entropy that such a network can reach is right."""
    entropy = torch.distributions.Categorical(torch.tensor(COUNTS / COUNTS.sum())).entropy().item()

    assert _cell(submission.alpha_one(), "best_loss") == close(
        entropy,
        atol=5e-3,
        rtol=0,
        mistakes=[(0, 0, ZERO_LOSS), (0, entropy / math.log(2), BITS), (0.5, -entropy, NEGATIVE)],
    )


@points(1, part="q3f")
def test_best_accuracy(submission):
    """The accuracy of the network that reaches the smallest loss is right."""
    share, answer = np.max(COUNTS) / np.sum(COUNTS), _cell(submission.alpha_one(), "best_acc")
    slips = [(0, 1 / 10, UNEQUAL)]
    if isinstance(answer, int | float) and abs(answer - 100 * share) <= 0.3:
        slips.append((0.8, answer, PERCENT))

    assert answer == close(share, atol=3e-3, rtol=0, mistakes=slips)


def _check_sum(submission, net, x):
    """Assert that the student's sum of net at images x and at their copies is ours; returns ours."""
    with torch.no_grad():
        plain, copy, negative, byte = (
            net(torch.from_numpy(v.astype(np.float32))).numpy() for v in (x, 1 - x, -x, 255 - x)
        )

    assert submission.affine_sum(network(*net), tensor(x)) == close(
        plain + copy,
        atol=1e-4,
        rtol=1e-4,
        mistakes=[(0, plain + negative, NEGATED), (0, plain + byte, NEGATED), (0, plain - copy, MINUS)],
    )
    return plain + copy


def _net(rng, *activation):
    """A small convolutional network of ours with weights drawn afresh, for images (n, 1, 9, 9)."""
    layers = torch.nn.Conv2d(1, 4, 3), *activation, torch.nn.Flatten(), torch.nn.Linear(4 * 49, 10)
    net = torch.nn.Sequential(*layers)
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.from_numpy(rng.normal(size=p.shape) / np.sqrt(p[0].numel() if p.ndim > 1 else 1)))
    return net


@points(1.5, part="q3f")
def test_sum_of_an_affine_network(submission, draw):
    """For a network without activations the sum is right, and fifty images show what is special about it."""
    rng = draw("affine")
    x = rng.random((50, 1, 9, 9), dtype=np.float32)

    ours = _check_sum(submission, _net(rng), x)

    assert np.ptp(ours, axis=0).max() < 1e-4


@points(1.5, part="q3f")
def test_sum_of_a_bent_network(submission, draw):
    """For a network with activations the sum is that of its two outputs, image by image."""
    rng = draw("bent")
    for activation in (torch.nn.LeakyReLU(0.5), torch.nn.Tanh()):
        _check_sum(submission, _net(rng, activation), rng.random((7, 1, 9, 9), dtype=np.float32))


def _rows(dataset, profile, draw, copies=True):
    """Training rows in a random order, with their inverted copies or without, and unseen ones likewise."""
    (X, y), (X_new, y_new) = dataset("mnist")
    if profile == "quick":
        X, y = X[:QUICK_ROWS], y[:QUICK_ROWS]
    if copies:
        X, y = np.concatenate([X, 255 - X]), np.concatenate([y, y])
        X_new, y_new = np.concatenate([X_new, 255 - X_new]), np.concatenate([y_new, y_new])
    order = draw("order").permutation(len(y))
    return (X[order], y[order]), (X_new, y_new)


def _accuracy(submission, dataset, profile, draw, build, *args, copies=True):
    """The accuracy on unseen rows of a network trained by the student's function."""
    train, unseen = _rows(dataset, profile, draw, copies)
    return trained(build, submission.train_alpha, train, build_args=args).accuracy(unseen)


@points(0.5, part="q3g")
@needs(minutes=4, threads=1, gpu=True)
def test_alpha_minus_one(submission, dataset, profile, bars, draw):
    """With alpha = -1 most unseen images and copies are labelled."""
    accuracy = _accuracy(submission, dataset, profile, draw, submission.build_leaky_net, -1.0)

    assert accuracy == bars("q3g alpha -1", "mnist")


@points(0.5, part="q3g")
@needs(minutes=4, threads=1, gpu=True)
def test_alpha_minus_half(submission, dataset, profile, bars, draw):
    """With alpha = -0.5 most unseen images and copies are labelled."""
    accuracy = _accuracy(submission, dataset, profile, draw, submission.build_leaky_net, -0.5)

    assert accuracy == bars("q3g alpha -0.5", "mnist")


@points(0.5, part="q3g")
@needs(minutes=4, threads=1, gpu=True)
def test_alpha_zero(submission, dataset, profile, bars, draw):
    """With alpha = 0 most unseen images and copies are labelled."""
    accuracy = _accuracy(submission, dataset, profile, draw, submission.build_leaky_net, 0.0)

    assert accuracy == bars("q3g alpha 0", "mnist")


@points(0.5, part="q3g")
@needs(minutes=4, threads=1, gpu=True)
def test_alpha_half(submission, dataset, profile, bars, draw):
    """With alpha = 0.5 most unseen images and copies are labelled."""
    accuracy = _accuracy(submission, dataset, profile, draw, submission.build_leaky_net, 0.5)

    assert accuracy == bars("q3g alpha 0.5", "mnist")


@points(1, part="q3g")
@needs(minutes=4, threads=1, gpu=True)
def test_shared_prelu(submission, dataset, profile, bars, draw):
    """With one shared PReLU most unseen images and copies are labelled."""
    accuracy = _accuracy(submission, dataset, profile, draw, submission.build_prelu_net, True)

    assert accuracy == bars("q3g PReLU", "mnist")


@points(1, part="q3g")
@needs(minutes=4, threads=1, gpu=True)
def test_alpha_one_stays_near_chance(submission, dataset, profile, bars, draw):
    """With alpha = 1 images and copies together keep the network near chance, and plain images alone do not."""
    plain = _accuracy(submission, dataset, profile, draw, submission.build_leaky_net, 1.0, copies=False)
    assert plain == bars("q3g control", "mnist"), CONTROL

    assert _accuracy(submission, dataset, profile, draw, submission.build_leaky_net, 1.0) <= NEAR_CHANCE, INVERSION


@points(1, part="q3g")
def test_compared_alphas(submission, draw):
    """In drawn tables the best alpha and those near chance are found, as numbers, in ascending order."""
    rng = draw("tables")
    tables = [
        {"-1": 0.95, "-0.5": 0.2, "0": 0.96, "0.5": 0.94, "1": 0.15},
        {"-0.5": 0.12, "-1": 0.35, "10": 0.1, "2": 0.351},
    ]
    for n in rng.integers(1, 9, 10).tolist():
        alphas = rng.choice(np.arange(-40, 41), n, replace=False) / 10
        tables.append(
            {
                f"{a:g}": float(v)
                for a, v in zip(alphas, rng.choice(np.arange(5, 100), n, replace=False) / 100, strict=True)
            }
        )

    for table in tables:
        ranked = sorted((accuracy, float(alpha)) for alpha, accuracy in table.items())
        chance = sorted(alpha for accuracy, alpha in ranked if accuracy <= NEAR_CHANCE)
        answer = submission.compare_alphas(table)
        assert isinstance(answer, dict)
        by_place = dict(zip(sorted(table, key=float), table.values(), strict=True))
        assert answer.get("best") == close(
            ranked[-1][1], mistakes=[(0, float(max(by_place, key=by_place.get)), HEADINGS)]
        )
        assert answer.get("chance") == close(chance)


@points(1.5, part="q3h")
def test_prelu_counts(submission):
    """The alphas are counted once for each object that holds them."""
    plain, maps = sum(_counts(_layers())), [math.prod(shape) for shape in _shapes(_layers())[:2]]
    channelwise = sum(p.numel() for p in torch.nn.PReLU(8).parameters())
    right = {"shared": plain + channelwise, "separate": plain + 2 * channelwise, "per_pixel": plain + sum(maps)}
    once = {**right, "separate": right["shared"], "per_pixel": plain + maps[0]}

    assert submission.prelu_param_counts() == close(
        right,
        each=True,
        mistakes=[
            (0.5, {**right, "shared": right["separate"]}, IDENTITY),
            (0.5, once, IDENTITY),
            (0.4, {**right, "shared": plain + 1, "separate": plain + 2}, CHANNELS),
            (0.4, {**right, "per_pixel": plain + sum(maps) // 8}, PLANES),
            (0.4, dict.fromkeys(right, plain), NO_ALPHAS),
        ],
    )


@points(1, part="q3h")
def test_prelu_network_count(submission):
    """The networks have one alpha a channel in each PReLU object, and the objects are one or two."""
    plain = sum(_counts(_layers()))
    for shared in (True, False):
        right, other = (plain + 8, plain + 16) if shared else (plain + 16, plain + 8)
        assert submission.build_prelu_net(shared).count == close(
            right, mistakes=[(0.5, other, IDENTITY), (0, plain + (1 if shared else 2), CHANNELS)]
        )


@points(0.5, part="q3h")
def test_prelu_network_values(submission, draw):
    """With slopes drawn afresh the networks compute what the table says: each place with its object's slopes."""
    rng = draw("images")
    for shared in (True, False):
        seen = submission(watched, submission.build_prelu_net(shared), rng.random((6, 1, 28, 28), dtype=np.float32))
        slopes = [np.array(step["weight"]) for step in _of(seen, "PReLU")]

        assert len(slopes) == 2, MODULES
        assert all(slope.shape == (8,) for slope in slopes), CHANNELS
        assert np.array_equal(*slopes) == shared, IDENTITY
        right = _logits(seen, slopes)
        assert seen["out"] == close(right, atol=1e-4, rtol=1e-4, mistakes=_normalised(right))


@points(2, part="q3i")
def test_nearest_values(submission, draw):
    """Each alpha is rounded to the nearest value of the grid, in whatever order the grid comes."""
    rng = draw("alphas")
    learned = [-0.0974, -0.2430, -0.3611, -0.1508, -0.2354, -0.0266, -0.2352, 0.3918]
    cases = [(learned, [-1, -0.5, 0, 0.5, 1]), ([0.2, -7.0], [3.0])]
    for n, m in rng.integers(1, 10, (10, 2)).tolist():
        cases.append((rng.uniform(-3, 3, n).tolist(), rng.permutation(np.arange(-8, 9) / 2)[:m].tolist()))

    for alphas, grid in cases:
        distances = np.abs(np.subtract.outer(alphas, grid))
        right = np.take(grid, distances.argmin(1))
        slips = [(0, distances.argmin(1), PLACES)]
        if alphas is learned:  # all but one of them rounded to zero, whichever one that is
            slips = [(0.4, np.where(np.arange(8) == i, right, 0), EXCEPTIONS) for i in (2, 7)] + slips
        assert submission.nearest_alpha(alphas, grid) == close(right, mistakes=slips)
