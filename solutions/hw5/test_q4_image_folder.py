"""Hidden checks of the image folder and its two networks: folders are made here, Pillow and torch are the oracles."""

import io
import re

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from grader import close, folder, hint, inside, needs, network, points, trained

SORTED = hint(
    "sorted", "Directories list their entries in no order that you can rely on: sort classes and files by name."
)
NAMES = hint("names", "The classes are the names of the sub-folders, each once: not their paths, and nothing else.")
ONE_EACH = hint("one_each", "y holds one whole number for each picture, its label: (N,).")
PLAIN = hint(
    "plain",
    "Python's `sorted` compares names letter by letter, every capital before every small letter and digits as letters; "
    "these names are in another order.",
)
FROM_ONE = hint(
    "from_one", "The labels count from 1: a label is a place in the list of classes, and those begin with 0."
)
FIRST = hint(
    "first",
    "The pictures are resized before they are converted: an alpha channel that is still there weighs the pixels.",
)
SCALE = hint("scale", "The values must lie between 0 and 1: a byte goes up to 255.")
SINGLE = hint("single", "float32 was asked: dividing bytes by a number makes float64 of them.")
AXES = hint("axes", "PyTorch's images have their channels first, (N, 3, size, size), and rows before columns.")
FILTER = hint("filter", "The pictures are resized with another filter than Pillow's bilinear one.")
SKIPS = hint(
    "skips",
    "A folder from real life holds stray text files, names in capitals and classes without pictures: see what the "
    "statement says of each.",
)
LOGITS = hint(
    "logits",
    "The rows of the output are probabilities, but logits were asked: the cross-entropy applies the softmax itself.",
)
WRAPPED = hint(
    "wrapped",
    "FunctionalNet holds an nn.Sequential; the point is to write its forward out, one call a step.",
)
SHARED = hint(
    "shared", "The two networks share memory after copy_weights: copy the values, so that each can learn by itself."
)
POOLING = hint("pooling", "Pooling comes after each convolution and its ReLU: another order gives another function.")


def _picture(rng, mode, size):
    """A random Pillow image with soft structure: size (width, height), drawn at a quarter of it and enlarged."""
    channels = {"L": (), "RGB": (3,), "RGBA": (4,)}[mode]
    small = rng.integers(0, 256, (2 + size[1] // 4, 2 + size[0] // 4, *channels), dtype=np.uint8)
    return Image.fromarray(small, mode).resize(size)


def _bytes(picture, kind="PNG"):
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def _square(data, side, resample=Image.Resampling.BILINEAR):
    """What the statement makes of one file's bytes: (3, side, side) float32 in [0, 1]."""
    picture = Image.open(io.BytesIO(data)).convert("RGB").resize((side, side), resample)
    return (np.asarray(picture) / 255).astype(np.float32).transpose(2, 0, 1)


def _names(rng, n):
    """n names of folders or files, all different, in an order that is neither sorted nor the reverse of it."""
    letters = rng.choice(list("abcdefghijklmnopqrstuvwxyz"), (n, 5))
    names = [f"{letter}{''.join(word)}" for letter, word in zip("bcdfghklmnprstvw", letters, strict=False)]
    turn = n // 2
    return names[turn:] + names[:turn]


def _by_number(name):
    """The key of a sort that takes digits as numbers."""
    return [int(piece) if piece.isdigit() else piece for piece in re.split(r"(\d+)", name)]


OTHER_SORTS = (str.casefold, _by_number, lambda name: _by_number(name.casefold()))


OTHER_FILTERS = [way for way in Image.Resampling if way != Image.Resampling.BILINEAR]


def _rewritten(right):
    """The same pictures on other scales or with their axes in another order, and the hint for it."""
    scaled = [(form, SCALE) for form in (right * 255, 2 * right - 1)]
    turned = [right.transpose(0, *axes) for axes in ((2, 3, 1), (1, 3, 2), (3, 2, 1))]
    return [*scaled, *((form * top, AXES) for form in turned for top in (1, 255))]


def _forms(data, side):
    """Slips that test_pixels alone takes points for, and their hints: other scales, orders of the axes, filters."""
    filters = [(_square(data, side, way)[None], FILTER) for way in OTHER_FILTERS]
    return [*_rewritten(_square(data, side)[None]), *filters]


@points(1.5, part="q4a")
def test_folder_order(submission, draw):
    """Classes and the pictures in them come in the order of their names, and labels count the classes from 0."""
    rng = draw("order")
    classes, greys = ["Scan_2", *_names(rng, 2), "Scan_10"], iter(rng.permutation(20) * 13)
    levels = {f"{c}/{name}.png": int(next(greys)) for c in classes for name in ("IMG_2", *_names(rng, 3), "IMG_10")}
    files = {name: _bytes(Image.new("RGB", (9, 7), (grey, grey, grey))) for name, grey in levels.items()}

    images, y, named = submission.load_folder(folder(files), 6)

    named, right = list(named), sorted(classes)
    assert sorted(map(str, named)) == right, NAMES
    assert named == right, PLAIN if named in [sorted(classes, key=key) for key in OTHER_SORTS] else SORTED
    labels = np.repeat(range(4), 5)
    assert np.shape(y) == np.shape(labels), ONE_EACH
    assert not np.array_equal(y, labels + 1), FROM_ONE
    assert y == close(labels), SORTED
    assert len(images) == 20
    dark_first = sorted(levels, key=levels.get)
    found = [dark_first[rank] for rank in np.argsort(np.argsort([np.mean(image) for image in images]))]
    others = [sorted(levels, key=lambda path, key=key: [path[: path.find("/")], key(path)]) for key in OTHER_SORTS]
    assert found == sorted(levels), PLAIN if found in others else SORTED


@points(1.75, part="q4a")
def test_pixels(submission, draw):
    """A colour picture of any size becomes a square of the asked size, channels first, float32 between 0 and 1."""
    rng = draw("pixels")
    for name, size, side in (("wide.png", (37, 20), 16), ("high.jpg", (11, 26), 12)):
        data = _bytes(_picture(rng, "RGB", size), "JPEG" if name.endswith("jpg") else "PNG")
        right = _square(data, side)[None]

        images, y, _ = submission.load_folder(folder({f"only/{name}": data}), side)

        assert len(y) == 1
        slips = [(0, form, told) for form, told in _forms(data, side)]
        assert images == close(right, atol=1e-6, mistakes=slips)
        single = getattr(images, "dtype", None) == np.float32
        assert single == close(True, mistakes=[(5 / 7, False, SINGLE)])  # half a point less


@points(3, part="q4a")
def test_grey_and_transparent(submission, draw):
    """Grey pictures get three equal channels, and pictures with an alpha channel lose it."""
    rng, side = draw("modes"), 10
    for mode, size in (("L", (17, 13)), ("RGBA", (side, side)), ("L", (side, side)), ("RGBA", (14, 23))):
        data = _bytes(_picture(rng, mode, size))
        right = _square(data, side)[None]
        ways = [Image.open(io.BytesIO(data)).resize((side, side), way).convert("RGB") for way in Image.Resampling]
        late = [(np.asarray(way) / 255).astype(np.float32).transpose(2, 0, 1)[None] for way in ways]

        images, y, _ = submission.load_folder(folder({"only/one.png": data}), side)

        assert len(y) == 1
        forms = [(1, form) for form, _ in _forms(data, side)]
        late += [form for form, _ in _rewritten(late[Image.Resampling.BILINEAR])]
        slips = [(0.75, form, FIRST) for form in late]
        assert images == close(right, atol=1e-6, mistakes=[*forms, *slips])


@points(1.75, part="q4a")
def test_folder_from_real_life(submission, draw):
    """Text files and other strangers are skipped, endings in capitals are not, and an empty class keeps its label."""
    rng, side = draw("strangers"), 8
    first, empty, grey, last = sorted(_names(rng, 4))
    pictures = {
        f"{first}/IMG_1.PNG": _bytes(_picture(rng, "RGB", (12, 9))),
        f"{grey}/scan.Jpeg": _bytes(_picture(rng, "L", (8, 15)), "JPEG"),
        f"{last}/b.JPG": _bytes(_picture(rng, "RGB", (20, 20)), "JPEG"),
    }
    strangers = {
        f"{last}/a.txt": b"notes",
        f"{first}/table.csv": b"1,2",
        f"{grey}/png": b"no ending",
        "read.me": b"no class",
        f"{empty}/": b"",
    }

    images, y, named = submission.load_folder(folder({**strangers, **pictures}), side)

    assert set(map(str, named)) <= {first, empty, grey, last}, NAMES
    assert len(set(named)) == len(named), NAMES
    assert len(named) == 4, SKIPS
    assert len(y) == len(images) == len(pictures), SKIPS
    assert np.shape(y) == (len(y),), ONE_EACH
    assert max(y.tolist()) < 4, FROM_ONE
    found = {named[label]: image[None] for label, image in zip(y.tolist(), images, strict=True)}
    assert set(found) == {first, grey, last}, SKIPS
    for path, data in pictures.items():
        right = _square(data, side)[None]
        assert found[path.split("/")[0]] == close(
            right, atol=1e-6, mistakes=[(1, form) for form, _ in _forms(data, side)]
        )


POOLED = hint("pooled", "The dense layer takes every pixel: the mean of each map over all its pixels comes first.")


def _logits(weights, x):
    """The network of the table with these six tensors, in their order; None if they are of other sizes."""
    tensors = [torch.from_numpy(np.array(value)) for value in weights]
    shapes = [(16, 3, 3, 3), (16,), (32, 16, 3, 3), (32,)]
    if (
        [tuple(t.shape) for t in tensors[:4]] != shapes
        or len(tensors) != 6
        or tensors[4].numel() != 32 * len(tensors[5])
    ):
        return None
    x = F.max_pool2d(F.relu(F.conv2d(torch.from_numpy(x), *tensors[:2], padding=1)), 2)
    x = F.max_pool2d(F.relu(F.conv2d(x, *tensors[2:4], padding=1)), 2)
    return F.linear(x.mean((2, 3)), tensors[4].reshape(-1, 32), tensors[5])


@points(1, part="q4b")
def test_one_sequential(submission, draw):
    """The network is one nn.Sequential, and each step of the table is a layer in it."""
    net = submission.build_sequential(int(draw("classes").integers(2, 12)))

    types = [layer.type for layer in net.layers]
    assert types[0] == "Sequential", hint("subclass", "An nn.Sequential was asked for, and this is a class of its own.")
    # A layer without parameters may stand in it twice: it is listed once, and the values tell whether it runs twice.
    asked = {"Conv2d": {2}, "ReLU": {1, 2}, "MaxPool2d": {1, 2}, "Linear": {1}}
    assert all(types.count(name) in counts for name, counts in asked.items()), hint(
        "layers",
        "Two convolutions, two ReLUs, two max poolings and one dense layer were asked for, as layers of torch.nn.",
    )


@points(1.5, part="q4b")
def test_sequential_count(submission, draw):
    """The network has as many parameters as its two convolutions and its dense layer ask for."""
    for n in draw("counts").integers(2, 40, 3).tolist():
        net = submission.build_sequential(n)

        convolutions = 16 * (3 * 9 + 1) + 32 * (16 * 9 + 1)
        flattened = {convolutions + 32 * side * side * n + n for side in range(2, 65)}
        assert net.count not in flattened, POOLED
        assert net.count == convolutions + 32 * n + n


@points(1.5, part="q4b")
def test_sequential_values(submission, draw):
    """For images of any size the network computes what the steps of the table compute, one after the other."""
    rng = draw("images")
    for h, w in ((4, 4), *rng.integers(5, 30, (2, 2)).tolist()):
        n = int(rng.integers(2, 12))
        net, x = submission.build_sequential(n), rng.random((3, 3, h, w), dtype=np.float32)
        weights = [net.weights[row.name] for row in net.table]
        right = _logits(weights, x)

        wide = weights[4].size if len(weights) == 6 else 0
        assert wide <= 32 * n or wide % (32 * n), POOLED
        assert right is not None, hint(
            "tensors", "The layers have other sizes than the table's: compare channels, kernels and biases."
        )
        normalised = [(1, F.softmax(right, 1)), (1, F.log_softmax(right, 1))]  # a check of its own
        assert net(x) == close(right.numpy(), atol=1e-5, rtol=1e-4, mistakes=normalised)


@points(1, part="q4b")
def test_sequential_logits(submission, draw):
    """The last layer gives logits: no softmax follows it."""
    rng = draw("logits")
    n, x = int(rng.integers(3, 12)), rng.random((4, 3, 8, 8), dtype=np.float32)
    net = submission.build_sequential(n)

    out = net(x)
    assert out.shape == (4, n)
    sums = out.sum(1), np.exp(out).sum(1)

    assert not any(np.allclose(total, 1, atol=1e-4) for total in sums), LOGITS


def _twin(rng):
    """Our own Sequential of the table with weights drawn afresh, and its number of classes."""
    n = int(rng.integers(3, 12))
    layers = [
        torch.nn.Conv2d(3, 16, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(16, 32, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(),
        torch.nn.Linear(32, n),
    ]
    seq = torch.nn.Sequential(*layers)
    with torch.no_grad():
        for p in seq.parameters():
            fan = p[0].numel() if p.ndim > 1 else 4
            p.copy_(torch.from_numpy(rng.normal(0, fan**-0.5, p.shape)))
    return seq, n


def _other_orders(seq, x):
    """What the same layers compute when pooling stands elsewhere: before the convolutions, or at the end."""
    one, relu, pool, two, mean, flat, head = (seq[i] for i in (0, 1, 2, 3, 6, 7, 8))
    orders = [
        (pool, one, relu, pool, two, relu),
        (one, relu, two, relu, pool, pool),
        (one, relu, pool, pool, two, relu),
        (pool, pool, one, relu, two, relu),
    ]
    with torch.no_grad():
        return [torch.nn.Sequential(*order, mean, flat, head)(x).numpy() for order in orders]


@inside
def as_built(build_sequential, seq, n):
    """The student's own Sequential with the weights of `seq`: its layers may have names. Where it has no room for them,
    `seq` itself: what is wrong with it costs points elsewhere."""
    import torch

    try:
        own = build_sequential(n)
    except Exception:  # whatever its author's code raises
        return seq
    rooms = list(own.parameters()) if isinstance(own, torch.nn.Sequential) else []
    if [room.shape for room in rooms] != [weights.shape for weights in seq.parameters()]:
        return seq
    with torch.no_grad():
        for room, weights in zip(rooms, seq.parameters(), strict=True):
            room.copy_(weights)
    return own


@inside
def copied(copy_weights, seq, fun):
    """Whether copying leaves the two networks in shared memory."""
    copy_weights(seq, fun)
    theirs = {p.data_ptr() for p in seq.parameters()}
    return any(p.data_ptr() in theirs for p in fun.parameters())


@inside
def wraps(kind, fun):
    """Whether the module holds an nn.Sequential, or its code makes or calls one."""
    from torch import nn

    def names(code):
        found = set(code.co_names)
        for constant in code.co_consts:
            if hasattr(constant, "co_names"):
                found |= names(constant)
        return found

    called = names(kind.__init__.__code__) | names(kind.forward.__code__)
    held = any(isinstance(module, nn.Sequential) for module in fun.modules())
    return held or bool(called & {"Sequential", "build_sequential"})


@inside
def gradients(fun, copy_weights, seq, x, upstream):
    """The gradients of sum(upstream * fun(x)) by the shape of their tensor."""
    import torch

    copy_weights(seq, fun)
    fun.zero_grad()
    (fun(torch.from_numpy(x)) * torch.from_numpy(upstream)).sum().backward()
    return {str(tuple(p.shape)): p.grad for p in fun.parameters()}


@points(4, part="q4c")
def test_functional_net_agrees(submission, draw):
    """With the weights copied, the hand-written network gives the Sequential's outputs for any size, in both modes."""
    rng = draw("functional")
    seq, n = _twin(rng)
    fun = submission.FunctionalNet(n)

    assert fun.count == sum(p.numel() for p in seq.parameters()), hint(
        "count", "FunctionalNet must have as many parameters as the Sequential: three layers of the table have any."
    )
    built = submission(as_built, submission.build_sequential, network(*seq), n)
    shared = submission(copied, submission.copy_weights, built, fun)
    assert shared == close(False, mistakes=[(0.75, True, SHARED)])
    # A quarter of this check's 4 points is left, and the gradients' 1: 40 % of the part for a network that is wrapped.
    assert submission(wraps, submission.FunctionalNet, fun) == close(False, mistakes=[(0.25, True, WRAPPED)])
    for mode in (fun.train, fun.eval):
        mode()
        x = rng.random((3, 3, *rng.integers(8, 24, 2)), dtype=np.float32)
        with torch.no_grad():
            right = seq(torch.from_numpy(x)).numpy()
        # The gradients go with the outputs, so 62.5 % of 4 points is half of the part.
        orders = [(0.625, other, POOLING) for other in _other_orders(seq, torch.from_numpy(x))]
        normalised = [(0, np.exp(right) / np.exp(right).sum(1, keepdims=True), LOGITS)]
        assert fun(x) == close(right, atol=1e-6, rtol=1e-5, mistakes=[*orders, *normalised])


@points(1, part="q4c")
def test_functional_net_gradients(submission, draw):
    """With the weights copied, every tensor of the two networks gets the same gradient."""
    rng = draw("gradients")
    seq, n = _twin(rng)
    x, upstream = rng.random((4, 3, 12, 10), dtype=np.float32), rng.normal(size=(4, n)).astype(np.float32)
    (seq(torch.from_numpy(x)) * torch.from_numpy(upstream)).sum().backward()
    right = {str(tuple(p.shape)): p.grad.numpy() for p in seq.parameters()}

    fun = submission.FunctionalNet(n)
    built = submission(as_built, submission.build_sequential, network(*seq), n)

    assert submission(gradients, fun, submission.copy_weights, built, x, upstream) == close(right, atol=1e-5, rtol=1e-4)


@points(1, part="q4d")
@needs(minutes=0.5, threads=1)
def test_fit_sequential(submission, dataset, bars):
    """After ten epochs the Sequential labels most scans that it has never seen."""
    train, unseen = dataset("phantoms")
    net = trained(submission.build_sequential, submission.fit, train, build_args=(4,), train_kwargs={"epochs": 10})

    assert net.accuracy(unseen) == bars("q4d sequential", "phantoms")


@points(1, part="q4d")
@needs(minutes=0.5, threads=1)
def test_fit_functional(submission, dataset, bars):
    """The same training serves the hand-written network."""
    train, unseen = dataset("phantoms")
    net = trained(submission.FunctionalNet, submission.fit, train, build_args=(4,), train_kwargs={"epochs": 10})

    assert net.accuracy(unseen) == bars("q4d functional", "phantoms")
