"""Hidden checks of augmentation, accuracies by class and two short trainings; images are looked up window by window."""

import numpy as np

from grader import close, hint, inside, needs, points, seeded, trained, watch

CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
PADDINGS = ("reflect", "constant", "edge", "symmetric", "wrap")  # numpy's names; the first is the one asked

UPSIDE_DOWN = hint("upside_down", "The images are turned upside down; mirroring was asked from left to right.")
BORDER = hint("border", "The border is filled in another way: numpy's mode is called reflect.")
STRANGE = hint(
    "strange", "Some image cannot come from the image in its place, by mirroring and shifting: nor may rows move."
)
OWN = hint("own", "All images of a batch are mirrored or cut alike: each needs draws of its own, for both.")
HALF = hint("half", "About half of the images are to be mirrored, and about half not.")
PLACES = hint("places", "Some places never or hardly occur, down or across; random integers leave their upper end out.")
TOGETHER = hint("together", "Down and across hang together: they need a draw each.")
TIED = hint("tied", "Some places go with one side only: mirroring and each direction of the place need a draw each.")
GLOBAL = hint("global", "Global random numbers are used: rng is to be where all of them come from.")
KIND = hint("kind", "The images come back in another dtype or scale: bytes stay bytes, and no value changes its size.")
OTHER_SOURCE = hint("other_source", "With rng in equal states the images differ: something else is random too.")
DEAF = hint("deaf", "The images are the same whatever rng holds: draw from the rng that is handed over.")
IN_PLACE = hint("in_place", "The batch that was handed over is changed: work on a copy.")
PREDICTED = hint("predicted", "It is divided by how often a class was predicted; divide by how many images it has.")
EVERY = hint("every", "It is divided by how many images there are; divide by how many the class has.")
SHARE = hint("share", "These are shares of one; percent were asked.")
ABSENT = hint("absent", "A class without images has no accuracy, neither good nor bad: nan.")
COMPARE = hint("compare", "Compare the two tables class by class: not every class follows the means.")
TURNED = hint("turned", "These are the classes that do better in training.")
RANDOM_EVAL = hint(
    "random_eval", "Equal images give different logits in evaluation mode: predictions are not augmented."
)
TWO_EPOCHS = hint("two_epochs", "Two epochs were asked: each image goes through the network once in each of the two.")
LOSSES = hint("losses", "Return two numbers, the mean loss over all images of the one epoch and of the other.")
UNASKED = hint("unasked", "With augmented=False, `augment` is called all the same.")
UNUSED = hint("unused", "With augmented=True, not every image goes through your `augment` in every epoch.")
DISCARDED = hint("discarded", "The augmented images do not reach the network: it is trained on the ones as they were.")
CHANGED = hint(
    "changed", "The images in X are overwritten, so the second epoch augments what the first one made: leave X alone."
)
COPIES = hint("copies", "The same augmented copies come back in the second epoch: augment anew in each.")
RESEEDED = hint(
    "reseeded", "The random numbers start over from the same state: make one rng, and hand it to every batch."
)


def _places(x, out, mode):
    """For each image (down, right), the window of the bordered image that it is; None where it is none."""
    padded = np.pad(x, ((0, 0), (0, 0), (4, 4), (4, 4)), mode=mode)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (32, 32), axis=(2, 3))  # (n, 3, 9, 9, 32, 32)
    alike = (windows[..., 0, :] == out[:, :, None, None, 0, :]).all((1, 4))  # by the first row of pixels
    found = []
    for image, window, mine in zip(alike, windows, out, strict=True):
        places = [place for place in np.argwhere(image).tolist() if (window[:, place[0], place[1]] == mine).all()]
        found.append(tuple(places[0]) if places else None)
    return found


def _origins(x, out):
    """(border, direction of mirroring, mirrored or not, places) by which all images can be explained, or Nones."""
    assert isinstance(out, np.ndarray)
    assert out.shape == x.shape, STRANGE
    assert 128 < out.max() < 512, KIND  # bytes of noise: each window holds some near 255
    for mode in PADDINGS:
        straight = _places(x, out, mode)
        for direction, axis in (("left to right", 3), ("upside down", 2)):
            mirrored = _places(x, np.flip(out, axis), mode)
            either = [a or b for a, b in zip(straight, mirrored, strict=True)]
            if all(either):
                return mode, direction, [a is None for a in straight], either
    return None, None, None, None


def _batch(numbers, n=200, dtype=np.float32):
    """Images of noise, in which each window is found at one place only."""
    return numbers.integers(0, 256, (n, 3, 32, 32)).astype(dtype)


# Upside down earns half of this check and nothing of the next: with the last one's point 40 % of the part.
@points(2, part="q3a")
def test_images_are_flips_and_crops(submission, draw):
    """Every image that comes out is a window of its own image, mirrored or not."""
    numbers = draw("images")
    for dtype in (np.uint8, np.float32):
        x = _batch(numbers, dtype=dtype)
        out = submission.augment(x, seeded("numpy", int(numbers.integers(2**31))))
        mode, direction, _, _ = _origins(x, out)

        assert mode is not None, STRANGE
        assert not np.array_equal(out, x), DEAF
        assert direction == close("left to right", mistakes=[(0.5, "upside down", UPSIDE_DOWN)])
        assert mode == close("reflect", mistakes=[(0.5, other, BORDER) for other in PADDINGS[1:]])


@points(2, part="q3a")
def test_every_image_draws(submission, draw):
    """Each image has draws of its own: half of them are mirrored, and every place occurs, down and across."""
    numbers = draw("draws")
    flips, places = [], []
    for _ in range(3):
        x = _batch(numbers)
        _, direction, mirrored, found = _origins(
            x, submission.augment(x, seeded("numpy", int(numbers.integers(2**31))))
        )
        assert direction is not None, STRANGE
        assert direction == "left to right", UPSIDE_DOWN
        assert 0 < sum(mirrored) < len(x), OWN
        assert len(set(found)) > 1, OWN
        flips += mirrored
        places += found

    assert 0.4 < np.mean(flips) < 0.6, HALF  # five standard deviations of 600 draws
    down, right = (np.bincount(axis, minlength=9) for axis in np.transpose(places))
    assert (int((down > 0).sum()), int((right > 0).sum())) == close((9, 9), mistakes=[(0.75, (8, 8), PLACES)]), PLACES
    assert min(down[down > 0].min(), right[right > 0].min()) > 25, PLACES  # 67 are expected of each
    assert len(set(places)) > 50, TOGETHER  # of 81 pairs
    for axis in np.transpose(places):
        assert len(set(zip(axis.tolist(), flips, strict=True))) == 2 * len(set(axis.tolist())), TIED  # 33 are expected


@points(1, part="q3a")
def test_random_by_rng_alone(submission, draw):
    """Equal states of rng give equal images, other states others; the batch handed over stays as it is."""
    numbers = draw("manners")
    for dtype in ("uint8", "float32"):
        x = _batch(numbers, 20, dtype)
        seed = int(numbers.integers(2**31))
        with watch() as seen:
            first, again, other = (submission.augment(x, seeded("numpy", s)) for s in (seed, seed, seed + 1))

        assert not seen.modified, IN_PLACE
        assert np.array_equal(first, again), OTHER_SOURCE
        assert not seen.random, GLOBAL
        assert first.dtype == dtype, KIND
        assert not np.array_equal(first, other), DEAF


def _by_class(y_true, y_pred, n, of=0):
    """Right ones per image of the class (of=0) or per prediction of it (of=1), by plain counting; nan for none."""
    pairs = list(zip(y_true.tolist(), y_pred.tolist(), strict=True))
    counts = [[pair[0] == pair[1] for pair in pairs if pair[of] == k] for k in range(n)]
    return np.array([100 * sum(count) / len(count) if count else np.nan for count in counts])


def _labels(numbers, n, present):
    """Labels out of the present classes, each there, and predictions that are right more often than not."""
    y_true = numbers.permutation(np.append(present, numbers.choice(present[1:], 100)))
    sure = (numbers.random(len(y_true)) < 0.6) | (y_true == present[0])  # the class of a single image
    return y_true, np.where(sure, y_true, numbers.integers(0, n, len(y_true)))


def _accuracies(submission, numbers, n, present):
    """Compare the accuracies of some labels; precision and shares of one are known slips."""
    y_true, y_pred = _labels(numbers, n, present)
    right, precision = (_by_class(y_true, y_pred, n, of) for of in (0, 1))
    slips = [(0.8, right / 100, SHARE), (0.4, precision, PREDICTED), (0.4, np.nan_to_num(precision), PREDICTED)]
    filled = [(0, np.where(np.isnan(right), value, right), ABSENT) for value in (0, 100)]
    of_all = np.bincount(y_true, minlength=n) / len(y_true) * np.nan_to_num(right)
    slips.append((0.4, of_all, EVERY))

    assert submission.per_class_accuracy(y_true, y_pred, n) == close(right, nan=True, mistakes=[*slips, *filled])


@points(4, part="q3b")
def test_accuracy_by_class(submission, draw):
    """Each class is judged by its own images, in percent."""
    numbers = draw("labels")
    for n in (10, *numbers.integers(2, 15, 3).tolist()):
        _accuracies(submission, numbers, n, np.arange(n))


@points(1, part="q3b")
def test_absent_classes(submission, draw):
    """A class without images gets nan, wherever it stands."""
    numbers = draw("absent")
    for present in ([0, 1, 3, 4, 5, 7], numbers.choice(8, 5, replace=False)):
        _accuracies(submission, numbers, 9, np.array(present))


def _tables(numbers):
    """Pairs (train, test) of ten accuracies: the source's, drawn ones with a tie, one where no test is higher."""
    yield (
        [77.42, 79.88, 41.32, 42.0, 41.78, 48.1, 59.86, 68.34, 50.84, 67.16],
        [77.7, 75.6, 40.6, 38.4, 40.4, 48.0, 60.4, 65.9, 45.9, 65.5],
    )
    for _ in range(3):
        train = numbers.uniform(40, 80, 10).round(2)
        test = (train + numbers.permutation([0, 0.3, 2, *numbers.normal(-2, 2, 7)])).round(2)
        yield train.tolist(), test.tolist()
    yield train.tolist(), (train - 1).tolist()


@points(1, part="q3c")
def test_classes_with_higher_test_accuracy(submission, draw):
    """The classes that do better in the test than in training are found, and no others."""
    for train, test in _tables(draw("tables")):
        named = submission.train_test_gap(train, test)["test_higher"]

        right, turned = (
            sorted(name for name, a, b in zip(CLASSES, train, test, strict=True) if sign * (b - a) > 0)
            for sign in (1, -1)
        )
        named = sorted(named, key=str) if isinstance(named, list | tuple) else named
        slips = [(0, [], COMPARE), (0, turned, TURNED)]
        assert named == close(right, mistakes=[slip for slip in slips if slip[1] != right])


@points(1, part="q3c")
def test_means_of_the_tables(submission, draw):
    """Both means over the ten classes are right."""
    for train, test in _tables(draw("tables")):
        gap = submission.train_test_gap(train, test)

        right = {"mean_train": sum(train) / 10, "mean_test": sum(test) / 10}
        assert {name: gap[name] for name in right} == close(right, atol=0.0051, rtol=0)  # two decimals will do


@inside
def watched(train, net, X, y, augmented):
    """What a short training does: rows trained on, rows augmented, and how these are drawn."""
    import inspect

    import numpy as np
    import torch

    names, seen, calls, states = inspect.unwrap(train).__globals__, [], [], []
    original, forward = names.get("augment"), net.forward
    originals, images = {row.tobytes() for row in X}, torch.from_numpy(X.copy())

    def listening(*args, **kwargs):
        x, rng = [*inspect.signature(original).bind(*args, **kwargs).arguments.values()][:2]
        states.append(str(getattr(getattr(rng, "bit_generator", None), "state", len(states))))
        out = original(*args, **kwargs)
        calls.extend((row.tobytes(), after.tobytes()) for row, after in zip(np.array(x), np.array(out), strict=True))
        return out

    def passing(*args, **kwargs):
        if net.training:
            x = [*args, *kwargs.values()][0].detach().cpu()
            x = x if not x.is_floating_point() or x.max() > 2 else x * 255
            seen.extend(row.tobytes() for row in x.round().to(torch.uint8).contiguous().numpy())
        return forward(*args, **kwargs)

    net.forward = passing  # a hook would not see who calls net.forward(x)
    names["augment"] = listening
    try:
        losses = train(net, images, torch.from_numpy(y), augmented=augmented, seed=1)
    finally:
        names["augment"] = original
        del net.forward
    copies = {}
    for row, out in calls:
        copies.setdefault(row, []).append(out)
    twice = [outs[0] == outs[1] for outs in copies.values() if len(outs) > 1]
    return {
        "trained": len(seen),
        "as they were": sum(row in originals for row in seen),
        "augmented": len(calls),
        "alike": sum(twice),
        "reseeded": len(set(states)) < len(states),
        "changed": not np.array_equal(images.numpy(), X),
        "losses": losses,
    }


@points(1.5, part="q3d")
def test_augmentation_is_fresh(submission, draw):
    """Two epochs; with augmentation each image passes through augment in both, drawn anew, and without it in none."""
    numbers, n = draw("watched"), 64
    X, y = numbers.integers(0, 256, (n, 3, 32, 32), dtype=np.uint8), np.arange(n) % 10

    plain, fresh = (
        submission(watched, submission.train_augmented, submission.build_cnn(), X, y, augmented)
        for augmented in (False, True)
    )

    assert plain["augmented"] == 0, UNASKED
    for told in (plain, fresh):
        assert n < told["trained"] <= 2 * n, TWO_EPOCHS
    assert fresh["alike"] < n / 2, COPIES
    assert not fresh["reseeded"], RESEEDED
    assert fresh["augmented"] != n, COPIES  # once for all
    assert fresh["augmented"] >= fresh["trained"], UNUSED
    assert fresh["as they were"] < n, DISCARDED
    assert (plain["changed"] or fresh["changed"]) == close(False, mistakes=[(2 / 3, True, CHANGED)])
    for told in (plain, fresh):
        means = len(told["losses"]) == 2 and all(0 < loss < 20 for loss in told["losses"])  # log(10) is a guess's
        assert means == close(True, mistakes=[(2 / 3, False, LOSSES)])


@inside
def predicted(net, x):
    """The logits of some images, of the same ones again, and of their floats."""
    import torch

    images = torch.from_numpy(x)
    net.eval()
    with torch.no_grad():
        return [net(batch).float().numpy() for batch in (images, images, images.float() / 255)]


@points(0.5, part="q3d")
def test_predictions_are_not_augmented(submission, draw):
    """The network gives logits of ten classes, equal ones for equal images; bytes and floats are the same to it."""
    x = draw("predictions").integers(0, 256, (3, 3, 32, 32), dtype=np.uint8).repeat(8, axis=0)

    once, again, floats = submission(predicted, submission.build_cnn(), x)

    assert once.shape == (24, 10)
    for logits in (again, once[::8].repeat(8, axis=0)):
        assert logits == close(once, atol=1e-4, rtol=1e-4), RANDOM_EVAL
    assert floats == close(once, atol=1e-3, rtol=1e-3)


def _accuracy(submission, dataset, bars, augmented):
    """Train with or without augmentation and compare the accuracy on unseen images with the bar."""
    train, unseen = dataset("cifar10")
    net = trained(submission.build_cnn, submission.train_augmented, train, train_kwargs={"augmented": augmented})

    assert net.accuracy(unseen) == bars(f"q3d {'augmented' if augmented else 'as they are'}", "cifar10")


@points(1.5, part="q3d")
@needs(minutes=10, threads=1, gpu=True)
def test_accuracy_without_augmentation(submission, dataset, bars):
    """After two epochs on the images as they are, the network labels images that it has never seen."""
    _accuracy(submission, dataset, bars, augmented=False)


@points(1.5, part="q3d")
@needs(minutes=10, threads=1, gpu=True)
def test_accuracy_with_augmentation(submission, dataset, bars):
    """After two epochs on augmented images, the network labels images that it has never seen."""
    _accuracy(submission, dataset, bars, augmented=True)
