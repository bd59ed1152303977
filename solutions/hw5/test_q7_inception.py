"""Hidden checks of map sizes, of the Inception module and of the small network trained with it; torch is the oracle."""

import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F

from grader import close, hint, inside, needs, points, trained

WHOLE = hint(
    "whole", "A part of a step is no step: the number of windows is a whole number, rounded as the statement says."
)
SPREAD = hint("spread", "The dilation is left out: it spreads the kernel's entries, so that fewer windows fit.")
PLAIN = hint("plain", "This is right without dilation and without `ceil`: each of them changes what fits.")
WIDE = hint("wide", "The window is taken too wide: k entries have k - 1 distances between them.")
CEIL = hint(
    "ceil", "`ceil` makes no difference in your answers: it may add one window, which reaches over the right end."
)
START = hint("start", "With `ceil`, a window that would start in the padding on the right is not taken.")
FIVE = hint(
    "five",
    "The 5 x 5 branch has as many parameters as one with 3 x 3 filters, as in torchvision's GoogLeNet; the paper and "
    "this module ask for true 5 x 5 filters.",
)
BEFORE = hint("before", "The 1 x 1 convolutions belong in front of the large filters: only there do they save work.")
BIASES = hint("biases", "The biases are missing: every convolution of the module has one.")
POOL = hint(
    "pool",
    "The pooling shrinks its map, so it cannot be laid on the others: give it stride 1 and a fitting padding.",
)
SUM = hint(
    "sum", "The branches' maps are added up, but they were to be laid on top of one another, channel after channel."
)
BRANCHES = hint(
    "branches",
    "A convolution must change its own branch alone, and the branches come in the order of the table.",
)
TENSORS = hint(
    "tensors", "The convolutions have other sizes than the table's: compare their channels, kernels and biases."
)
POOLING = hint(
    "pooling", "The fourth branch gives other values than the table's: max pooling 3 x 3 first, then the convolution."
)
VALUES = hint(
    "values",
    "The module gives other values than the table's layers: convolutions and one max pooling, and nothing but ReLU "
    "behind a convolution.",
)
CONCATENATION = hint(
    "concatenation",
    "No torch.cat along the channels of several branches' maps was seen in this network; an Inception network has one.",
)
MEMORISED = hint(
    "memorised",
    "The training images are known by heart and new ones are not recognised: this network has memorised, not learnt.",
)


def _windows(n, k, stride, padding, dilation, ceil):
    """What torch's own pooling makes of it: the length of its output."""
    pool = torch.nn.functional.max_pool1d
    return pool(torch.zeros(1, 1, n), k, stride, padding, dilation, ceil_mode=ceil).shape[-1]


def _settings(rng, count):
    """Settings (n, k, stride, padding, dilation, ceil) as torch's pooling takes them: padding is up to half of k."""
    found = []
    while len(found) < count:
        n, k, stride, dilation = (int(rng.integers(1, top)) for top in (40, 8, 6, 4))
        reach = dilation * (k - 1) + 1
        padding = int(rng.integers(0, k // 2 + 1))
        if n + 2 * padding >= reach:
            found.append((n, k, stride, padding, dilation, bool(rng.random() < 0.4)))
    return found


@points(3, part="q7b")
def test_map_sizes(submission, draw):
    """The number of windows is torch's, for any kernel, stride, padding, dilation and both ways to round."""
    settings = [(28, 3, 2, 0, 1, True), (4, 2, 3, 1, 1, True), *_settings(draw("settings"), 198)]
    right = [_windows(*setting) for setting in settings]

    def steps(setting, spread=True):
        n, k, stride, padding, dilation, _ = setting
        return (n + 2 * padding - (dilation if spread else 1) * (k - 1) - 1) / stride

    def every(one):
        return [one(setting) + 1 for setting in settings]

    starting = [
        math.ceil(steps(s, False)) - (math.ceil(steps(s, False)) * s[2] >= s[0] + s[3])
        if s[5]
        else math.floor(steps(s, False))
        for s in settings
    ]
    mistakes = [
        (0.4, every(steps), WHOLE),
        (0.4, every(lambda s: math.ceil(steps(s)) if s[5] else steps(s)), WHOLE),
        (0.4, every(lambda s: math.floor(steps(s)) if not s[5] else steps(s)), WHOLE),
        (0.7, [windows + 1 for windows in starting], SPREAD),
        (0.7, every(lambda s: math.floor(steps(s))), CEIL),
        (0.5, every(lambda s: math.floor(steps(s, False))), PLAIN),
        (0.5, every(lambda s: math.floor(steps(s) - (s[4] - 1) / s[2])), WIDE),
        (0.8, every(lambda s: math.ceil(steps(s)) if s[5] else math.floor(steps(s))), START),
    ]

    answers = [submission.conv_out(*setting) for setting in settings]

    assert answers == close(right, mistakes=mistakes)


@inside
def tried(kind, sizes, h, w):
    """The module's output shape; four zeros if it fails because its pooling makes the map smaller."""
    import torch
    from torch.overrides import TorchFunctionMode

    class Watching(TorchFunctionMode):
        shrinks = False

        def __torch_function__(self, func, types, args=(), kwargs=None):
            out = func(*args, **(kwargs or {}))
            if "max_pool2d" in getattr(func, "__name__", "") and torch.is_tensor(out):
                self.shrinks |= out.shape[-2:] != args[0].shape[-2:]
            return out

    net = kind(*sizes)
    watching = Watching()
    try:
        with torch.no_grad(), watching:
            return list(net(torch.rand(2, sizes[0], h, w)).shape)
    except NotImplementedError:
        raise
    except RuntimeError:
        if not watching.shrinks:
            raise
        return [0, 0, 0, 0]


def _convolutions(*layers):
    """Parameters of convolutions with biases, each (cin, cout, k)."""
    return sum(cout * (cin * k * k + 1) for cin, cout, k in layers)


def _counts(cin, c1, r3, c3, r5, c5, pp, five=5):
    """The module's parameters; with five=3 those of a module whose third branch has 3 x 3 filters."""
    rest = (cin, c1, 1), (cin, r3, 1), (r3, c3, 3), (cin, pp, 1)
    return _convolutions(*rest, (cin, r5, 1), (r5, c5, five))


def _has_their_tensors(net, sizes):
    """Whether the network holds the weight and the bias of each convolution of the table, and nothing else.

    The three of one pixel that read the input may be one, or one may do for two of them.
    """
    cin, c1, r3, c3, r5, c5, pp = sizes
    held = sorted(row.size for row in net.table if row.trainable and not row.tied_to)
    for widths in ((c1, r3, r5), (c1 + r3, r5), (c1 + r5, r3), (c1, r3 + r5), (c1 + r3 + r5,)):
        layers = [(r3, c3, 3), (r5, c5, 5), (cin, pp, 1), *((cin, width, 1) for width in widths)]
        if held == sorted(n for fan_in, cout, k in layers for n in (fan_in * cout * k * k, cout)):
            return True
    return False


def _reduced_after(cin, c1, r3, c3, r5, c5, pp):
    """The parameters of modules whose 1 x 1 convolutions follow the large filters, the widths read in two ways."""
    rest = (cin, c1, 1), (cin, pp, 1)
    narrow = _convolutions(*rest, (cin, r3, 3), (r3, c3, 1), (cin, r5, 5), (r5, c5, 1))
    wide = _convolutions(*rest, (cin, c3, 3), (c3, c3, 1), (cin, c5, 5), (c5, c5, 1))
    return narrow, wide


def _widths(rng):
    """cin, c1, r3, c3, r5, c5, pp, with four different widths of the branches."""
    c1, c3, c5, pp = rng.permutation(np.arange(3, 9))[:4].tolist()
    cin, r3, r5 = rng.integers(2, 9, 3).tolist()
    return [cin, c1, r3, c3, r5, c5, pp]


# In the next check a recognised mistake earns what makes the whole part 70, 50, 40 and 20 % of its 7 points: 29/30 and
# 1/2 of 3 with sizes and branches passed and the values lost, 14/15 and 7/15 of 3 with all three of them lost.
@points(3, part="q7d")
def test_inception_counts(submission, draw):
    """The branches' maps are laid on one another, and the module has as many parameters as its branches ask for."""
    rng = draw("widths")
    width, h, w = (int(rng.integers(3, top)) for top in (9, 12, 12))
    same = [4, width, 2, width, 3, width, width]

    shape = submission(tried, submission.Inception, same, h, w)

    right = [2, 4 * width, h, w]
    assert shape == close(right, mistakes=[(14 / 15, [0, 0, 0, 0], POOL), (7 / 15, [2, width, h, w], SUM)])
    if shape != right:
        return
    several = [[192, 64, 96, 128, 16, 32, 32], [256, 128, 128, 192, 32, 96, 64], _widths(rng)]
    nets = [submission.Inception(*sizes) for sizes in several]
    right = [_counts(*sizes) for sizes in several]
    narrow, wide = zip(*(_reduced_after(*sizes) for sizes in several), strict=True)
    # Compared all together: of one small module two slips may have the same count by chance.
    assert [net.count for net in nets] == close(
        right,
        mistakes=[
            (29 / 30, [_counts(*sizes, five=3) for sizes in several], FIVE),
            (1 / 2, narrow, BEFORE),
            (1 / 2, wide, BEFORE),
            (0, [count - sum(sizes[1:]) for count, sizes in zip(right, several, strict=True)], BIASES),
        ],
    )
    for net, count, sizes in zip(nets, right, several, strict=True):
        assert net.count != count or _has_their_tensors(net, sizes), TENSORS


@points(1, part="q7d")
def test_inception_keeps_the_size(submission, draw):
    """Height and width stay for even and odd sizes down to 1 x 1, and the channels are the four branches' together."""
    rng = draw("sizes")
    sizes = _widths(rng)
    net = submission.Inception(*sizes)

    for h, w in ((1, 1), (28, 28), *rng.integers(2, 20, (3, 2)).tolist()):
        assert net(np.zeros((2, sizes[0], h, w), np.float32)).shape == (
            2,
            sizes[1] + sizes[3] + sizes[5] + sizes[6],
            h,
            w,
        )


@inside
def slices(kind, sizes):
    """For each parameter, the output channels that change when it is set to zero and everything else is positive."""
    import torch

    torch.manual_seed(0)
    net = kind(*sizes).eval()  # nothing random between the two passes
    found = []
    with torch.no_grad():
        for p in net.parameters():
            p.uniform_(0.05, 0.1)  # positive throughout: no ReLU hides a change
        x = torch.rand(2, sizes[0], 6, 7) + 0.1
        before = net(x)
        for p in net.parameters():
            kept = p.clone()
            p.zero_()
            changed = (net(x) != before).any(0).flatten(1).any(1)
            found.append(changed.nonzero().flatten().tolist())
            p.copy_(kept)
    return found


@points(1, part="q7d")
def test_inception_branches(submission, draw):
    """A branch that falls silent changes its own channels alone, and the branches come in the order of the table."""
    sizes = _widths(draw("branches"))
    ends = np.cumsum([0, sizes[1], sizes[3], sizes[5], sizes[6]]).tolist()

    found = submission(slices, submission.Inception, sizes)

    own = [list(range(start, end)) for start, end in itertools.pairwise(ends)]
    assert all(channels in own for channels in found), BRANCHES
    assert all(channels in found for channels in own), BRANCHES


def _tensors(net, sizes):
    """The weight and the bias of each convolution of the table, in its order; None if the network has others.

    All twelve differ in size, so that neither their names nor their order matter, nor whether a weight of a 1 x 1
    convolution has four axes or two.
    """
    cin, c1, r3, c3, r5, c5, pp = sizes
    shapes = [(c1, cin, 1, 1), (r3, cin, 1, 1), (c3, r3, 3, 3), (r5, cin, 1, 1), (c5, r5, 5, 5), (pp, cin, 1, 1)]
    held = {value.size: value for value in (np.array(net.weights[row.name]) for row in net.table)}
    if sorted(held) != sorted(size for shape in shapes for size in (math.prod(shape), shape[0])):
        return None
    lying = {size: value.T if value.ndim == 2 and value.shape[0] == cin else value for size, value in held.items()}
    return [
        tuple(torch.from_numpy(lying[math.prod(axes)]).reshape(axes) for axes in (shape, shape[:1])) for shape in shapes
    ]


def _convolved(maps, tensors):
    """What one convolution that keeps the size makes of each of these maps, without a ReLU behind it and with one."""
    out = [F.conv2d(x, *tensors, padding=tensors[0].shape[-1] // 2) for x in maps]
    return [*out, *(y.relu() for y in out)]


def _branches(tensors, x):
    """What each of the four branches may give, wherever ReLUs stand behind its convolutions."""
    one, reduce_three, three, reduce_five, five, pooled = tensors
    return [
        _convolved([x], one),
        _convolved(_convolved([x], reduce_three), three),
        _convolved(_convolved([x], reduce_five), five),
        _convolved([F.max_pool2d(x, 3, stride=1, padding=1)], pooled),
    ]


def _fitting(out, branches):
    """Which branches are found in `out`, in the order in which most of them are: their order is a check of its own."""

    def found(order):
        ends = itertools.accumulate((branches[n][0].shape[1] for n in order), initial=0)
        parts = dict(zip(order, itertools.starmap(lambda a, b: out[:, a:b], itertools.pairwise(ends)), strict=True))
        return [any(np.allclose(parts[n], y.numpy(), 1e-4, 1e-5) for y in ways) for n, ways in enumerate(branches)]

    return max((found(order) for order in itertools.permutations(range(4))), key=sum)


@points(2, part="q7d")
def test_inception_values(submission, draw):
    """Each branch computes what the layers of the table compute, with ReLUs or without."""
    rng = draw("values")
    for h, w in ((1, 1), *rng.integers(5, 12, (2, 2)).tolist()):
        sizes = rng.permutation(np.arange(4, 11)).tolist()
        # No pixel is negative, as behind a ReLU, so that it does not matter what the pooling finds beyond the border.
        x = rng.random((2, sizes[0], h, w), dtype=np.float32) * (rng.random((2, sizes[0], h, w)) < 0.4)
        net = submission.Inception(*sizes)
        net.eval()

        out = net(x)

        tensors = _tensors(net, sizes)
        assert tensors, TENSORS
        assert out.shape == (2, sum(sizes) - sizes[0] - sizes[2] - sizes[4], h, w)
        *rest, pooled = _fitting(out, _branches(tensors, torch.from_numpy(x)))
        assert all(rest), VALUES
        assert pooled, POOLING


@inside
def concatenates(net):
    """Whether a forward pass concatenates maps along their channels, as far as torch's public functions show it."""
    import torch
    from torch.overrides import TorchFunctionMode

    joining = (torch.cat, torch.concat, torch.concatenate, torch.hstack, torch.column_stack)
    joined = []

    class Watching(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            out = func(*args, **(kwargs or {}))
            if func in joining:
                parts = args[0] if args else kwargs["tensors"]
                joined.append(out.ndim == 4 and len(parts) > 1 and all(part.shape[1] < out.shape[1] for part in parts))
            return out

    net.eval()
    with torch.no_grad(), Watching():
        net(torch.zeros(2, 3, 32, 32, dtype=torch.uint8))
    return any(joined)


def _network(submission, images):
    """The student's network, trained on these images: one training for both checks."""
    return trained(submission.build_small_inception, submission.train_inception, images, weights="weights.safetensors")


@points(4, part="q7e")
@needs(minutes=10, threads=1, gpu=True)
def test_accuracy_on_training_images(submission, dataset, bars):
    """A network with a concatenating module labels the images that it was trained on; bar 80 %, lower in practice."""
    train, _ = dataset("cifar10")

    assert submission(concatenates, submission.build_small_inception()), CONCATENATION
    assert _network(submission, train).accuracy(train) == bars("q7e training rows", "cifar10")


@points(6, part="q7e")
@needs(minutes=10, threads=1, gpu=True)
def test_accuracy_on_unseen_images(submission, dataset, bars):
    """Trained from scratch, the network labels images that it has never seen; part of the points begin below 80 %."""
    train, unseen = dataset("cifar10")
    net = _network(submission, train)

    passed = net.accuracy(unseen) == bars("q7e", "cifar10")
    if not passed:
        assert net.accuracy(train) < bars("q7e training rows", "cifar10").top, MEMORISED
    assert passed
