"""Hidden checks of initial weights: plain loops, distribution functions, a small training and the theory of depth."""

import math

import numpy as np
import torch

from grader import choices, close, hint, inside, points, tensor

MEAN_ROW = hint("mean_row", "Subtract the mean row, unit from unit: the rows of W are the units.")
FARTHEST = hint("farthest", "The spread is the distance of the one unit that is farthest from the mean row.")
ROOT = hint("root", "The length of a vector is the square root of the sum of its squares.")
ONE_SIDE = hint("one_side", "Only one side of the layer is in the variance: Xavier counts inputs and units.")
WIDTH = hint(
    "width", "A uniform distribution has a limit, a normal one a standard deviation: one was used for the other."
)
STUCK = hint("stuck", "From these weights the units remain copies of one another: draw each weight by itself.")
UNFILLED = hint("unfilled", "The layer still has the weights that it came with: fill it in place.")
KEPT = hint(
    "kept",
    "The layer has lost its weights or its bias, or they can no longer be trained: change their numbers and no more.",
)
EXCHANGED = hint("exchanged", "The two numbers are in each other's place: the uniform limit comes first.")
LECUN = hint("lecun", "This is LeCun's distribution, which looks at the inputs alone: Xavier counts the units too.")
HE = hint("he", "This is He's distribution, which looks at the inputs alone: Xavier counts the units too.")
VARIANCE = hint("variance", "This is a variance: a standard deviation, like a limit, is found by its square root.")
SPREAD_OUT = hint("spread_out", "This is the variance of the signal: its standard deviation is asked.")
FRESH = hint("fresh", "Each layer seems to get new data: what comes out of one layer goes into the next.")
ONE_MATRIX = hint(
    "one_matrix", "From seed to seed the size varies too much: each layer multiplies by a matrix of its own."
)
ONE_NUMBER = hint("one_number", "Return one number above zero.")


@points(4, part="q2a")
def test_outcomes(submission):
    """Each way to begin has the outcome that it leads to, and the remedy avoids them."""
    outcomes = ["no_learning", "symmetric", "vanishing", "exploding"]
    factor = hint("factor", "Too small and too large are exchanged: each layer multiplies the signal by one factor.")
    gradients = hint("gradients", "With equal weights that are not zero gradients do flow: are they different, though?")

    assert submission.init_outcomes() == choices(
        {
            "zero": {"no_learning", "symmetric"},
            "constant": "symmetric",
            "too_small": "vanishing",
            "too_large": "exploding",
            "remedy": {"xavier", "he"},
        },
        words={
            **dict.fromkeys(["zero", "constant", "too_small", "too_large"], outcomes),
            "remedy": ["xavier", "he", "ones", "longer_training"],
        },
        hints={
            "constant": {"no_learning": gradients},
            "too_small": {"exploding": factor},
            "too_large": {"vanishing": factor},
        },
    )


@inside
def initialised(init_layer_, fan_in, fan_out, scheme, seeds, world):
    """The layers that the student fills, one a seed, and whether torch's global generator was left alone.

    Also whether any weight has changed; None if a layer has no weights or no bias any more.
    """
    import torch

    torch.manual_seed(world)
    layers, untouched = [torch.nn.Linear(fan_in, fan_out) for _ in seeds], True
    old = [layer.weight.detach().clone() for layer in layers]
    for layer, seed in zip(layers, seeds, strict=True):
        before = torch.get_rng_state()
        init_layer_(layer, scheme, torch.Generator().manual_seed(seed))
        untouched = untouched and torch.equal(before, torch.get_rng_state())
    if any(getattr(layer, name, None) is None for layer in layers for name in ("weight", "bias")):
        return None
    weights, biases = ([getattr(layer, name).detach() for layer in layers] for name in ("weight", "bias"))
    filled = any(not torch.equal(*pair) for pair in zip(old, weights, strict=True))
    return {"weights": weights, "biases": biases, "untouched": untouched, "filled": filled}


def _filled(submission, *drawn):
    """What `initialised` found in layers that were filled."""
    found = submission(initialised, submission.init_layer_, *drawn)
    assert found is not None, KEPT
    assert found["filled"], UNFILLED
    return found


@inside
def hidden_weights(init_layer_, scheme, X, y, seed):
    """The hidden weights of a 4-8-3 tanh network after 300 steps from the student's initial weights.

    None if not all of its four parameters can be trained.
    """
    import torch
    from torch import nn

    X, y, rng = torch.from_numpy(X), torch.from_numpy(y), torch.Generator().manual_seed(seed)
    net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
    for layer in (net[0], net[2]):
        init_layer_(layer, scheme, rng)
    if [p.requires_grad for p in net.parameters()] != [True] * 4:
        return None
    optimizer = torch.optim.SGD(net.parameters(), lr=0.3)
    for _ in range(300):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(X), y).backward()
        optimizer.step()
    return net[0].weight.detach()


def _away_from_uniform_and_normal(weights):
    """The smaller of two Kolmogorov-Smirnov distances, to distributions around 0 with the sample's own variance."""
    x = np.sort(weights) / np.sqrt(np.mean(weights**2))
    uniform, normal = np.clip((x / np.sqrt(3) + 1) / 2, 0, 1), torch.special.ndtr(torch.from_numpy(x)).numpy()
    return min(np.abs(curve - (np.arange(x.size) + 0.5) / x.size).max() for curve in (uniform, normal))


@points(0.5, part="q2b")
def test_fixed_schemes(submission, draw):
    """The schemes without chance give every weight its value, and every scheme sets the biases to zero."""
    numbers = draw("layers")

    for scheme, value in (("zero", 0.0), ("constant", 0.5), ("xavier", None)):
        fan_in, fan_out = (int(n) for n in numbers.integers(1, 9, size=2))
        seed = int(numbers.integers(1 << 30))
        found = _filled(submission, fan_in, fan_out, scheme, [seed], 0)
        assert found["biases"][0] == close(np.zeros(fan_out)), hint(
            "bias", "Every bias starts at zero, in each scheme."
        )
        assert value is None or found["weights"][0] == close(np.full((fan_out, fan_in), value))


@points(1.5, part="q2b")
def test_xavier_weights(submission, draw):
    """Over twenty seeds the Xavier weights have the right variance and are uniform or normal around zero."""
    seeds = draw("seeds").integers(1 << 30, size=20).tolist()

    for fan_in, fan_out in ((80, 20), (15, 60)):
        found = _filled(submission, fan_in, fan_out, "xavier", seeds, 0)
        weights = np.concatenate([np.ravel(w) for w in found["weights"]]).astype(float)
        variance = 2 / (fan_in + fan_out)
        one_sided = [share / fan for fan in (fan_in, fan_out) for share in (2, 1, 1 / 3)]  # He, LeCun, torch's own

        assert np.mean(weights**2) == close(
            variance,
            rtol=0.06,  # the variance of 18,000 normal numbers is known to 1 %, and no mistake below is within 15 %
            mistakes=[
                *((0.6, other, ONE_SIDE) for other in one_sided),
                *((0.5, factor * variance, WIDTH) for factor in (3, 1 / 3)),
                *((0.5, factor * variance**2, VARIANCE) for factor in (3, 1)),  # its root was never taken
            ],
        )
        assert _away_from_uniform_and_normal(weights) < 0.03, hint(  # 18,000 numbers come within 0.02
            "other", "These weights are neither uniform nor normal around zero."
        )


@points(0.5, part="q2b")
def test_generator_is_respected(submission, draw):
    """The generator that was handed over decides the weights, and torch's global one has no part in it."""
    seeds = draw("seeds").choice(1 << 30, size=12, replace=False).tolist()  # a drawn sign is not the same in all

    first, second = (_filled(submission, 6, 5, "xavier", seeds, world) for world in (1, 2))

    alone = first["untouched"] and all(
        np.array_equal(a, b) for a, b in zip(first["weights"], second["weights"], strict=True)
    )
    assert alone, hint("global", "The weights depend on torch's global generator, or change it: draw from `rng`.")
    drawn, *others = first["weights"]
    alike = all(np.array_equal(drawn, other) for other in others)
    assert not alike, hint("same", "Two generators with different seeds give one result.")


@points(0.5, part="q2b")
def test_trained_units(submission, draw):
    """After three hundred steps units from equal weights are still copies, and those from Xavier's are not."""
    numbers = draw("clusters")
    y = np.arange(120) % 3
    X = (1.5 * numbers.normal(size=(3, 4))[y] + 0.7 * numbers.normal(size=(120, 4))).astype("float32")
    seed = int(numbers.integers(1 << 30))

    for scheme, rank in (("zero", 0), ("constant", 1), ("xavier", 4)):
        W = submission(hidden_weights, submission.init_layer_, scheme, X, y, seed)
        assert W is not None, KEPT
        assert np.shape(W) == (8, 4)
        spread = max(math.dist(row, np.mean(W, axis=0)) for row in W)
        assert scheme != "xavier" or spread > 0.5, STUCK
        assert scheme == "xavier" or spread < 1e-4
        assert np.linalg.matrix_rank(W, tol=1e-4) == rank


def _mean_numbers(W):
    """Means that are numbers and no row: one for each row, and one for all of W, so many times. W: (h, d)."""
    return np.mean(W, axis=1), np.full(len(W), np.mean(W))


@points(3, part="q2b")
def test_spread(submission, draw):
    """The spread is the largest distance of a unit from the mean of all units."""
    numbers = draw("weights")

    for dtype, grad in (("float64", False), ("float64", True), ("float32", False), ("float32", True)):
        h, d = (int(n) for n in numbers.integers([3, 2], [9, 8]))
        W = numbers.normal(numbers.normal(), 1, size=(h, d)).astype(dtype)
        mean = [sum(W[i, j] for i in range(h)) / h for j in range(d)]
        distances = [math.dist(row, mean) for row in W]
        numbered = [max(math.dist(row, [m] * d) for row, m in zip(W, means, strict=True)) for means in _mean_numbers(W)]
        per_input = [math.dist(column, np.mean(W, axis=1)) for column in W.T]
        assert submission.hidden_spread(tensor(W, grad=grad)) == close(
            max(distances),
            atol=1e-5 if dtype == "float32" else 1e-6,
            rtol=1e-6,
            mistakes=[
                (0.5, np.mean(distances), FARTHEST),
                (0.5, max(distances) ** 2, ROOT),
                (0.4, max(per_input), MEAN_ROW),
                *((0.4, distance, MEAN_ROW) for distance in numbered),
                (0.4, max(math.dist(row, [0] * d) for row in W), MEAN_ROW),
            ],
        )


@points(4, part="q2c")
def test_limits(submission, draw):
    """Limit and standard deviation are right for ten layers."""
    numbers = draw("layers")
    layers = [(1, 3), (784, 10)]
    while len(layers) < 10:
        layers.append(tuple(numbers.choice(np.arange(1, 1000), size=2, replace=False).tolist()))

    for a, b in layers:
        right = [math.sqrt(6 / (a + b)), math.sqrt(2 / (a + b))]
        assert submission.xavier_limits(a, b) == close(
            right,
            each=True,
            mistakes=[
                (0.5, [value**2 for value in right], VARIANCE),
                (0.5, right[::-1], EXCHANGED),
                (0.4, [math.sqrt(3 / a), math.sqrt(1 / a)], LECUN),
                (0.4, [math.sqrt(1 / a), math.sqrt(1 / a)], LECUN),
                (0.4, [math.sqrt(6 / a), math.sqrt(2 / a)], HE),
                (0.4, [math.sqrt(2 / a), math.sqrt(2 / a)], HE),
            ],
        )


def _decades(answer):
    """The decimal logarithm of one number above zero."""
    number = np.size(answer) == 1 and np.asarray(answer).dtype.kind in "fiu" and float(np.squeeze(answer)) > 0
    assert number, ONE_NUMBER
    return math.log10(float(np.squeeze(answer)))


@inside
def sizes(activation_std, seeds):
    """The sizes behind thirty layers of two units, one a seed."""
    return [activation_std(30, 2, 0.9, seed) for seed in seeds]


@points(3, part="q2d")
def test_size_of_the_signal(submission, draw):
    """Behind many layers the signal has the size that the theory foretells: shrunken, kept or grown."""
    numbers = draw("nets")
    cases = [(20, 256, 0.01), (20, 256, 1 / 16), (20, 256, 0.2), (1, 200, float(numbers.uniform(0.2, 2)))]
    for sign in (-1, 1):  # by 10^0.25 to 10^0.8 a layer
        width = int(numbers.integers(128, 257))
        cases.append(
            (int(numbers.integers(4, 17)), width, 10 ** (sign * numbers.uniform(0.25, 0.8)) / math.sqrt(width))
        )

    for depth, width, std in cases:
        layer = math.log10(math.sqrt(width) * std)  # what one layer adds to the logarithm
        answer = submission.activation_std(depth, width, std, int(numbers.integers(1 << 30)))
        assert _decades(answer) == close(
            depth * layer,
            atol=math.log10(2 if depth > 1 else 1.1),  # the logarithm scatters by 0.04 in the worst of these nets
            rtol=0,
            mistakes=[(0.7, 2 * depth * layer, SPREAD_OUT), (0.5, layer, FRESH)],
        )

    # Independent factors scatter by the root of the depth, one factor thirty times by the depth itself: the logarithm's
    # standard deviation is 3.4 (2.8 to 4.1 in a hundred draws of the seeds), and 15.6 with one matrix (12.6 to 19.8).
    found = submission(sizes, submission.activation_std, numbers.integers(1 << 30, size=100).tolist())
    with np.errstate(divide="ignore", invalid="ignore"):  # a matrix thirty times over can leave 0 or infinity
        scatter = np.std(np.log(np.array(found, dtype=float)))
    assert bool(scatter < 9) == close(True, mistakes=[(0.7, False, ONE_MATRIX)])  # variances scatter by twice 3.4


@inside
def in_two_worlds(activation_std, seed):
    """Two answers for one seed, between which the global generators of torch and numpy are moved on."""
    import numpy as np
    import torch

    answers = []
    for world in (1, 2):
        torch.manual_seed(world)
        np.random.seed(world)
        answers.append(activation_std(3, 64, 0.1, seed))
    return answers


@points(1, part="q2d")
def test_seed_decides(submission, draw):
    """The same seed gives the same number, another seed another one."""
    one, other = (
        submission(in_two_worlds, submission.activation_std, seed)
        for seed in draw("seeds").choice(1 << 30, size=2, replace=False).tolist()
    )

    for answer in (*one, *other):
        assert abs(_decades(answer)) < 4  # a size, be it a wrong one; the seed itself has nine digits
    assert one[0] == one[1], hint("repeat", "Called twice with one seed it gives two numbers: draw all from the seed.")
    assert one[0] != other[0], hint("unseeded", "Two seeds give one number: measure it on what `seed` draws.")
