"""Hidden checks of three CIFAR-10 networks: torch's functions under the student's weights, loops over single images."""

from functools import reduce
from itertools import combinations, pairwise, permutations

import numpy as np
import torch
import torch.nn.functional as F

from grader import close, hint, inside, needs, points, trained, watch

FILTERS = hint("filters", "The convolutions have other numbers of channels or other kernels than the table's.")
CONVS = hint(
    "convs",
    "No nn.Conv2d belongs to this network: layers in a plain Python list are not its own, and would not be trained; "
    "nn.ModuleList or nn.Sequential makes them so.",
)
PADDED = hint("padded", "The convolutions are padded, so the maps stay too large: without padding they shrink.")
CEILED = hint("ceiled", "The pooling rounds up: entries that do not fill a window are dropped.")
NO_RELU = hint("no_relu", "What reaches the dense layers has negative entries: a ReLU follows each convolution.")
AVERAGED = hint("averaged", "The pooling takes means: take the largest entry of each window.")
DENSE = hint("dense", "No nn.Linear runs in this network: the head is made of them.")
BIASES = hint("biases", "A convolution or a dense layer has no bias: each of them has one here.")
BENDS = hint("bends", "Between two dense layers there is no activation: together they are then no more than one.")
EXTRA = hint("extra", "Some parameters belong to no layer that was asked for: list them with named_parameters().")
DEPTH = hint("depth", "The head has too few hidden layers: those before the last dense layer are counted.")
LOGITS = hint(
    "logits", "The last dense layer's output is changed before it is returned: the cross-entropy wants logits."
)
PLAIN = hint("plain", "This network is batch-normalised, which is what model 2 alone adds.")
NORMS = hint("norms", "One nn.BatchNorm2d was asked for after each of the two convolutions, with scale and shift.")
BATCH = hint(
    "batch", "In evaluation mode an image's logits depend on the rest of the batch: use the running statistics."
)
FROZEN = hint("frozen", "In training mode the batch's own statistics must be used, so other images change the logits.")
UNBIASED = hint("unbiased", "This divides by N - 1: batch normalisation takes the mean square deviation.")
ROOT = hint("root", "eps belongs under the root, beside the variance.")
ROWS = hint("rows", "Each row is normalised by itself: the mean is taken over the batch, column by column.")
WHOLE = hint("whole", "One mean and one variance serve the whole table: each column has its own.")
SCALE = hint("scale", "gamma scales what is normalised and beta shifts it: here they are left out, or exchanged.")
ONE_ROW = hint("one_row", "A batch of one row lies at its own mean, so nothing but the shift is left.")
TRANSPOSED = hint("transposed", "Precision and recall are exchanged: the rows are true, the columns are predicted.")
MACRO_F1 = hint(
    "macro_f1", "The macro f1 is worked out from the macro precision and recall: it is the mean of the f1 values."
)
EMPTY = hint("empty", "A class that was never named, or never shown, gives 0 / 0: the statement says what counts then.")
ROUNDED = hint("rounded", "The numbers are right but for their rounding: return them with all their digits.")
RECALLS = hint(
    "recalls", "This is the mean of the recalls: it is the accuracy only if all classes are equally frequent."
)
ONE_WAY = hint("one_way", "Only one direction is counted: i taken for j and j taken for i belong together.")
TRIPLES = hint("triples", "Return tuples of three things: one name, the other name, and how often they are confused.")
DIAGONAL = hint("diagonal", "A class is paired with itself: the diagonal counts what was right.")
BYTES = hint("bytes", "The network does not take bytes: divide integers by 255 inside the network, not while training.")
INSIDE = hint(
    "inside",
    "Bytes and the same numbers divided by 255 give different answers: it is the network that divides, and it divides "
    "integers alone; floats are in [0, 1] already.",
)
MODE = hint(
    "mode",
    "In evaluation mode an image's answer changes from call to call or with the rest of the batch: dropout and batch "
    "normalisation must follow the network's mode.",
)
CHANCE = hint(
    "chance",
    "In evaluation mode two copies of an image in one batch get other logits: dropout must follow the network's mode.",
)
IN_PLACE = hint("in_place", "The array that was handed in has changed: work on a copy.")

QUICK_ROWS = 4000  # of the practice subset: five epochs of them are about 20 s for the three models


@inside
def watched(net, x):
    """What goes in and out of each convolution, norm and dense layer as they run, in evaluation mode, and the output.

    What a dense layer gives is replaced by noise: whatever follows it then shows, however the weights are drawn.
    """
    import torch
    from torch import nn

    seen, hooks, noise = {"Conv2d": [], "BatchNorm2d": [], "Linear": []}, [], torch.Generator().manual_seed(0)

    def noted(layer, given, out):
        kind = next(name for name in seen if isinstance(layer, getattr(nn, name)))
        out = 3 * torch.randn(out.shape, generator=noise) if kind == "Linear" else out
        seen[kind].append({**layer._parameters, **layer._buffers, "in": given[0].clone(), "out": out.clone()})
        return out

    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.BatchNorm2d | nn.Linear):
            hooks.append(layer.register_forward_hook(noted))
    net.eval()
    with torch.no_grad():
        out = net(torch.from_numpy(x))
    for hook in hooks:
        hook.remove()
    return {**seen, "net": out}


def _images(rng, n=16):
    return rng.random((n, 3, 32, 32), dtype=np.float32)


def _normalised(norm):
    """The norm's map in evaluation mode, from its tensors."""
    tensors = [torch.from_numpy(norm[name]) for name in ("running_mean", "running_var", "weight", "bias")]
    return lambda maps: F.batch_norm(maps, *tensors)


def _features(seen, pool=F.max_pool2d, rectify=F.relu):
    """What the blocks make of the first convolution's input, for each order of ReLU, pooling and norm: (n, d)."""
    found = [torch.from_numpy(seen["Conv2d"][0]["in"])]
    for block, layer in enumerate(seen["Conv2d"]):
        weight, bias = torch.from_numpy(layer["weight"]), torch.from_numpy(layer["bias"])
        then = [rectify, lambda maps: pool(maps, 2), *map(_normalised, seen["BatchNorm2d"][block : block + 1])]
        maps = [F.conv2d(one, weight, bias) for one in found]
        found = [reduce(lambda x, step: step(x), order, one) for one in maps for order in permutations(then)]
    return [one.flatten(1).numpy() for one in found]


def _check_features(seen, filters, padded, ceiled=None, norms=0):
    """Assert that the head gets the maps of the blocks; padded, ceiled: how many numbers those slips would make."""
    assert seen["Conv2d"], CONVS
    assert len(seen["BatchNorm2d"]) == norms, NORMS if norms else PLAIN
    assert [layer["weight"].shape for layer in seen["Conv2d"]] == filters, FILTERS
    assert all(layer["bias"] is not None for layer in seen["Conv2d"]), BIASES
    assert seen["Linear"], DENSE
    got = seen["Linear"][0]["in"]
    assert got.shape[-1] != padded, PADDED
    assert got.shape[-1] != ceiled, CEILED
    assert seen["Conv2d"][0]["in"].shape == (len(got), 3, 32, 32)
    right = _features(seen)
    assert got.shape == right[0].shape
    slips = [
        *((0, slip, NO_RELU) for slip in _features(seen, rectify=lambda maps: maps)),
        *((0, slip, AVERAGED) for slip in _features(seen, pool=F.avg_pool2d)),
    ]
    nearest = min(right, key=lambda one: np.abs(one - got).max())
    assert got == close(nearest, atol=1e-4, rtol=1e-4, mistakes=slips)


def _own_count(net, seen):
    """The parameters of the layers seen, and those of norms between dense layers."""
    layers = [*seen["Conv2d"], *seen["BatchNorm2d"], *seen["Linear"]]
    between = [layer.settings for layer in net.layers if layer.type == "BatchNorm1d"]
    norms = sum(2 * one["num_features"] for one in between if one["affine"])
    return sum(layer[name].size for layer in layers for name in ("weight", "bias")) + norms


def _bend(before, after):
    """Whether an activation stands between: `after` is not, column by column, a scaled and shifted copy of `before`."""
    if before.shape != after.shape:
        return True
    x, y = before - before.mean(0), after - after.mean(0)
    slope = (x * y).sum(0) / np.maximum((x * x).sum(0), 1e-12)
    return bool(np.abs(y - slope * x).max() > 1e-3 * np.abs(y).max())


def _check_head(net, seen, hidden):
    """Assert biases, an activation between dense layers, ten outputs, and no parameters beside those of the layers."""
    dense = seen["Linear"]
    assert dense, DENSE
    assert all(layer["bias"] is not None for layer in (*seen["Conv2d"], *dense)), BIASES
    assert len(dense) > hidden, DEPTH
    assert all(_bend(one["out"], next_["in"]) for one, next_ in pairwise(dense)), BENDS
    assert dense[-1]["out"].shape == (len(dense[-1]["in"]), 10)
    assert net.count == close(_own_count(net, seen)), EXTRA


@inside
def answers(net, images):
    """The logits in evaluation mode: of bytes, of the same once more, one image at a time, and as floats in [0, 1].

    None if torch refuses the bytes.
    """
    import torch

    x = torch.from_numpy(images)
    net.eval()
    with torch.no_grad():
        try:
            first = net(x)
        except RuntimeError:
            return None
        return [first, net(x), torch.cat([net(image[None]) for image in x]), net(x.float() / 255)]


def _check_logits(seen):
    """Assert that the last dense layer's output is what the network returns."""
    assert seen["Linear"], DENSE
    last = seen["Linear"][-1]["out"]
    assert seen["net"].shape == last.shape
    assert np.allclose(seen["net"], last, atol=1e-6), LOGITS


def _check_answers(told):
    """Assert that the logits depend on the image alone, be it bytes or floats."""
    assert told is not None, BYTES
    bytes_, again, alone, floats = told
    assert np.allclose(bytes_, again, atol=1e-4, rtol=1e-4), MODE
    assert np.allclose(bytes_, alone, atol=1e-4, rtol=1e-4), MODE
    assert np.allclose(bytes_, floats, atol=1e-4, rtol=1e-4), INSIDE


def _check_bytes(submission, net, rng):
    """Assert that bytes and the same images as floats in [0, 1] give the same logits."""
    _check_answers(submission(answers, net, rng.integers(0, 256, (6, 3, 32, 32), dtype=np.uint8)))


MODEL1 = {"filters": [(6, 3, 5, 5), (16, 6, 5, 5)], "padded": 16 * 8 * 8}
MODEL3 = {"filters": [(30, 3, 3, 3), (30, 30, 3, 3)], "padded": 30 * 8 * 8, "ceiled": 30 * 7 * 7}


@points(2.5, part="q6a")
def test_model1_features(submission, draw):
    """What reaches the first dense layer is what two convolutions with ReLU and pooling make of the image."""
    seen = submission(watched, submission.build_model1(), _images(draw("images")))

    _check_features(seen, **MODEL1)


@points(1.5, part="q6a")
def test_model1_head(submission, draw):
    """The dense layers end in ten outputs with activations between, and every parameter belongs to a layer asked."""
    net = submission.build_model1()

    _check_head(net, submission(watched, net, _images(draw("images"))), hidden=0)


@points(1, part="q6a")
def test_model1_logits(submission, draw):
    """No softmax or ReLU follows the last dense layer, and bytes give the same logits as floats in [0, 1]."""
    net = submission.build_model1()

    _check_logits(submission(watched, net, _images(draw("images"))))
    _check_bytes(submission, net, draw("bytes"))


def _practised(submission, rng):
    """Model 2 after two batches in training mode, so that its running statistics are no longer those of the start."""
    net = submission.build_model2()
    net.train()
    for _ in range(2):
        net(_images(rng, 8))
    return net


@points(1, part="q6b")
def test_model2_features(submission, draw):
    """Both convolutions are batch-normalised, and what reaches the first dense layer is what the blocks make of it."""
    rng = draw("images")
    net = _practised(submission, rng)

    seen = submission(watched, net, _images(rng))

    assert seen["Conv2d"], CONVS
    assert all(norm["weight"] is not None for norm in seen["BatchNorm2d"]), NORMS
    assert all(norm["running_mean"] is not None for norm in seen["BatchNorm2d"]), BATCH
    assert [layer.type for layer in net.layers].count("BatchNorm2d") == 2, NORMS
    _check_features(seen, **MODEL1, norms=2)


@points(0.5, part="q6b")
def test_model2_modes(submission, draw):
    """In training mode the other images of the batch change an image's logits, in evaluation mode they do not."""
    rng = draw("modes")
    net, images, others = _practised(submission, rng), _images(rng, 4), _images(rng, 4)
    mixed = np.concatenate([images[:2], others])

    net.train()
    training = net(images)[:2], net(mixed)[:2]
    net.eval()
    copies = net(np.concatenate([images[:2], images[:2]]))
    evaluation = net(images)[:2], net(mixed)[:2], np.concatenate([net(images[:1]), net(images[1:2])])

    assert np.allclose(copies[:2], copies[2:], atol=1e-3, rtol=1e-3), CHANCE
    assert not np.allclose(*training, atol=1e-5), FROZEN
    assert all(np.allclose(evaluation[0], other, atol=1e-3, rtol=1e-3) for other in evaluation[1:]), BATCH


@points(0.5, part="q6b")
def test_model2_head(submission, draw):
    """The head ends in ten logits, and the norms bring two parameters a channel and nothing else."""
    net = submission.build_model2()
    seen = submission(watched, net, _images(draw("images")))

    assert len(seen["BatchNorm2d"]) == 2, NORMS
    assert all(norm["weight"] is not None for norm in seen["BatchNorm2d"]), NORMS
    _check_head(net, seen, hidden=0)
    _check_logits(seen)


def _batch_normalised(x, gamma, beta, eps, *, axis=0, unbiased=False, under=True):
    """Batch normalisation by sums, column by column; the slips by their names. axis None: the whole table at once."""
    n = x.size if axis is None else x.shape[axis]
    deviation = x - x.sum(axis, keepdims=True) / n
    variance = (deviation * deviation).sum(axis, keepdims=True) / (n - unbiased)
    return gamma * deviation / (np.sqrt(variance + eps) if under else np.sqrt(variance) + eps) + beta


# Who divides by N - 1 has no answer for one row: 0.8 of 1.5 points are 60 % of the function's two.
@points(1.5, part="q6b")
def test_batch_norm(submission, draw):
    """Batches of several rows are normalised column by column, with the biased variance and eps under the root."""
    rng = draw("batches")
    cases = [(np.array([[1.0, 2.0], [3.0, 6.0], [5.0, 10.0]]), np.ones(2), np.zeros(2), 1e-5)]
    for n, d in rng.integers(2, (9, 6), (8, 2)).tolist():
        x = rng.normal(rng.normal(0, 3), rng.uniform(0.5, 3), (n, d))
        cases.append((x, rng.normal(size=d), rng.normal(size=d), float(rng.uniform(0.05, 2))))

    for case in cases:
        with watch() as seen:
            normalised = submission.batch_norm_1d(*case)

        assert normalised == close(
            F.batch_norm(
                *(torch.from_numpy(case[0]), None, None), *map(torch.from_numpy, case[1:3]), True, 0.1, case[3]
            ).numpy(),
            band=1e-5,  # what float32 leaves of such entries
            mistakes=[
                (0.8, _batch_normalised(*case, unbiased=True), UNBIASED),
                (0.6, _batch_normalised(*case, under=False), ROOT),
                (0, _batch_normalised(*case, axis=1), ROWS),
                (0, _batch_normalised(*case, axis=None), WHOLE),
                (0.4, _batch_normalised(case[0], 1, 0, case[3]), SCALE),
                (0.4, _batch_normalised(case[0], case[2], case[1], case[3]), SCALE),
            ],
        )
        assert bool(seen.modified) == close(False, mistakes=[(0.8, True, IN_PLACE)])


@points(0.5, part="q6b")
def test_batch_norm_of_one_row(submission, draw):
    """A batch of one row becomes the shift, whatever stands in it."""
    x, gamma, beta = draw("row").normal(size=(3, 5))

    assert submission.batch_norm_1d(x[None], gamma, beta, 1e-5) == close(beta[None]), ONE_ROW


@points(2.5, part="q6c")
def test_model3_features(submission, draw):
    """What reaches the first dense layer is what two convolutions with ReLU and pooling make of the image."""
    seen = submission(watched, submission.build_model3(), _images(draw("images")))

    _check_features(seen, **MODEL3)


@points(2, part="q6c")
def test_model3_head(submission, draw):
    """At least three hidden dense layers, each with an activation, lead to ten outputs."""
    net = submission.build_model3()

    _check_head(net, submission(watched, net, _images(draw("images"))), hidden=3)


@points(0.5, part="q6c")
def test_model3_logits(submission, draw):
    """No softmax or ReLU follows the last dense layer, and bytes give the same logits as floats in [0, 1]."""
    net = submission.build_model3()

    _check_logits(submission(watched, net, _images(draw("images"))))
    _check_bytes(submission, net, draw("bytes"))


def _report(cm):
    """The report, counted over single images: each has a true and a predicted class."""
    K = len(cm)
    true, named = (np.repeat(grid.ravel(), cm.ravel()) for grid in np.indices(cm.shape))

    def share(among, right):
        return float(np.mean(right[among])) if among.any() else 0.0

    precision = [share(named == k, true == k) for k in range(K)]
    recall = [share(true == k, named == k) for k in range(K)]
    f1 = [2 * p * r / (p + r) if p + r else 0.0 for p, r in zip(precision, recall, strict=True)]
    values = {"precision": precision, "recall": recall, "f1": f1}
    return {
        **values,
        "accuracy": float(np.mean(true == named)),
        "macro": {k: float(np.mean(v)) for k, v in values.items()},
    }


def _exchanged(report):
    """The report with precision and recall in each other's place."""
    swap = {"precision": "recall", "recall": "precision"}
    macro = {key: report["macro"][swap.get(key, key)] for key in report["macro"]}
    return {**{key: report[swap.get(key, key)] for key in report}, "macro": macro}


def _f1_of_means(report):
    """The report with a macro f1 worked out from the two other means."""
    p, r = report["macro"]["precision"], report["macro"]["recall"]
    return {**report, "macro": {**report["macro"], "f1": 2 * p * r / (p + r) if p + r else 0.0}}


def _rounded(report):
    """The report to two, three and four digits, as printed ones are."""

    def to(digits, value):
        if isinstance(value, dict):
            return {key: to(digits, one) for key, one in value.items()}
        return np.round(value, digits)

    return [to(digits, report) for digits in (2, 3, 4)]


def _without(report):
    """The report without its accuracy, which has a check of its own."""
    return {name: value for name, value in report.items() if name != "accuracy"} if isinstance(report, dict) else report


def _accuracy(report):
    """The report's accuracy alone, in a dict as it stands there."""
    return {name: value for name, value in report.items() if name == "accuracy"} if isinstance(report, dict) else report


def _undefined(report, right):
    """Whether a number of the report is not finite, or is not 0 for a class where the right one is."""
    if not isinstance(report, dict):
        return False
    told = {name: np.asarray(report.get(name), dtype=object).ravel() for name in ("precision", "recall", "f1")}
    return any(
        isinstance(mine, (int, float)) and (not np.isfinite(mine) or (his == 0 and mine != 0))
        for name, column in told.items()
        for mine, his in zip(column, right[name], strict=False)
    )


@points(2, part="q6d")
def test_report_of_classes(submission, draw):
    """Precision, recall and f1 of each class and their means are those that counting image by image gives."""
    rng = draw("matrices")
    matrices = [
        rng.integers(1, 40, (K, K)) + np.diag(rng.integers(0, 200, K)) for K in (10, 2, 3, *rng.integers(2, 13, 9))
    ]

    for cm in matrices:
        right = _report(cm)
        with watch() as seen:
            report = submission.report_from_cm(cm)

        assert _without(report) == close(
            _without(right),
            mistakes=[
                (0, _without(_exchanged(right)), TRANSPOSED),
                (0.5, _without(_f1_of_means(right)), MACRO_F1),
                *((0.75, _without(one), ROUNDED) for one in _rounded(right)),
            ],
        )
        assert bool(seen.modified) == close(False, mistakes=[(0.8, True, IN_PLACE)])


@points(1, part="q6d")
def test_report_with_empty_classes(submission, draw):
    """Classes that were never named or never shown have zeros and no NaN, and one class alone is a matrix too."""
    rng = draw("empty")
    matrices = [np.array([[int(rng.integers(1, 50))]])]
    for K in (2, 4, 10):
        never_named, never_shown, neither = rng.integers(1, 40, (3, K, K))
        k = int(rng.integers(K))
        never_named[:, k] = never_shown[k] = neither[k] = neither[:, k] = 0
        matrices += [never_named, never_shown, neither]

    for cm in matrices:
        right = _report(cm)
        slips = [_exchanged(right), _f1_of_means(right), *_rounded(right)]  # for which the check above takes points
        report = _without(submission.report_from_cm(cm))
        assert not _undefined(report, right), EMPTY
        assert report == close(_without(right), mistakes=[(1, _without(slip)) for slip in slips])


@points(1, part="q6d")
def test_report_accuracy(submission, draw):
    """The accuracy is right for classes of very different sizes."""
    rng = draw("sizes")

    for K in (2, 3, 10):
        cm = rng.integers(1, 30, (K, K)) * (rng.permutation(K)[:, None] + 1) ** 2
        right = _report(cm)
        assert _accuracy(submission.report_from_cm(cm)) == close(
            _accuracy(right),
            mistakes=[
                (0, {"accuracy": right["macro"]["recall"]}, RECALLS),
                *((0.75, _accuracy(one), ROUNDED) for one in _rounded(right)),
            ],
        )


def _fits(answer, scores, names, k):
    """Whether these tuples are the k best pairs by a symmetric table of scores, each with its own, best first."""
    places = {name: i for i, name in enumerate(names)}
    if not isinstance(answer, list | tuple) or not all(
        isinstance(row, list | tuple) and len(row) == 3 for row in answer
    ):
        return False
    if not all(name in places for row in answer for name in row[:2] if isinstance(name, str)):
        return False
    pairs = [frozenset(places.get(name, -1) for name in row[:2]) for row in answer]
    best = sorted((scores[i, j] for i, j in combinations(range(len(names)), 2)), reverse=True)[:k]
    told = [row[2] for row in answer]
    own = [scores[tuple(pair)] for pair in pairs if len(pair) == 2 and -1 not in pair]
    return len(set(pairs)) == len(own) == len(answer) and told == best and own == best


def _directions(cm, answer, names, k):
    """Which way of counting gives this answer: both directions, one of them, or none that is known."""
    upper, lower = np.triu(cm) + np.triu(cm, 1).T, np.tril(cm) + np.tril(cm, -1).T
    if _fits(answer, cm + cm.T, names, k):
        return "both directions"
    one_way = any(_fits(answer, scores, names, k) for scores in (upper, lower, np.maximum(cm, cm.T)))
    return "one direction" if one_way or _fits_ordered(answer, cm, names, k) else "neither"


def _fits_ordered(answer, cm, names, k):
    """Whether the tuples are the k largest entries off the diagonal, (true name, predicted name, count)."""
    places = {name: i for i, name in enumerate(names)}
    best = sorted((int(cm[i, j]) for i, j in permutations(range(len(names)), 2)), reverse=True)[:k]
    try:
        return [row[2] for row in answer] == best == [cm[places[row[0]], places[row[1]]] for row in answer]
    except (TypeError, KeyError, IndexError):
        return False


def _is_triple(row):
    return isinstance(row, list | tuple) and len(row) == 3 and all(isinstance(name, str) for name in row[:2])


def _check_pairs(submission, cm, names, k):
    """Assert that the student's pairs are right, or known to be counted in one direction."""
    answer = submission.most_confused(cm, names, k)
    assert isinstance(answer, list | tuple), TRIPLES
    assert all(_is_triple(row) for row in answer), TRIPLES
    assert not any(row[0] == row[1] for row in answer), DIAGONAL
    ways = close("both directions", mistakes=[(0.5, "one direction", ONE_WAY)])
    assert _directions(cm, answer, names, k) == ways, hint(
        "pairs", "These are not the pairs with the largest sums, each once with its own sum and the largest first."
    )


@points(1.5, part="q6e")
def test_pairs_of_ten_classes(submission, draw):
    """In a matrix of ten classes the four worst pairs are found, with their sums, in their order."""
    rng = draw("ten")
    names = ["plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    cm = rng.integers(0, 70, (10, 10)) + np.diag(rng.integers(500, 700, 10))
    for one, other, total in ((3, 5, 370), (1, 9, 226), (0, 8, 202), (2, 4, 195)):
        cm[one, other] = int(rng.integers(total // 4, total // 2 - 5))
        cm[other, one] = total - cm[one, other]

    for k in (1, 3, 4):
        _check_pairs(submission, cm, names, k)


@points(1.5, part="q6e")
def test_pairs_of_any_matrix(submission, draw):
    """For any number of classes, with ties, and where fewer pairs are left than were asked, the pairs are right."""
    rng = draw("matrices")

    for K, k in ((2, 1), (3, 9), (5, 4), (7, 21), *rng.integers(2, (9, 12), (8, 2)).tolist()):
        cm = rng.integers(0, 25, (K, K)) + np.diag(rng.integers(0, 300, K))
        _check_pairs(submission, cm, [f"{word}{i}" for i, word in enumerate(rng.permutation(list("abcdefghi"))[:K])], k)


def _check_training(submission, dataset, profile, bars, number):
    """Assert that the model, trained afresh, reaches its bar on unseen images; if not, look for known causes."""
    (X, y), unseen = dataset("cifar10")
    bar = bars(f"q6f model {number}", "cifar10")
    rows = len(X) if profile == "full" else QUICK_ROWS
    build = getattr(submission, f"build_model{number}")
    told = submission(answers, build(), unseen[0][:8])

    assert told is not None, BYTES
    passed = trained(build, submission.train_cifar, (X[:rows], y[:rows])).accuracy(unseen) == bar
    if not passed:
        _check_answers(told)
    assert passed


@points(1, part="q6f")
@needs(minutes=5, threads=1, gpu=True)
def test_training_of_model1(submission, dataset, profile, bars):
    """Model 1, trained by your function, labels images that it has never seen."""
    _check_training(submission, dataset, profile, bars, 1)


@points(1, part="q6f")
@needs(minutes=5, threads=1, gpu=True)
def test_training_of_model2(submission, dataset, profile, bars):
    """Model 2, trained by your function, labels images that it has never seen."""
    _check_training(submission, dataset, profile, bars, 2)


@points(1, part="q6f")
@needs(minutes=5, threads=1, gpu=True)
def test_training_of_model3(submission, dataset, profile, bars):
    """Model 3, trained by your function, labels images that it has never seen."""
    _check_training(submission, dataset, profile, bars, 3)
