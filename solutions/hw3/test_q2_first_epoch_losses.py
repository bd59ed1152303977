"""Hidden checks of losses, curves and stopping: automatic differentiation and plain loops are the oracles."""

import numpy as np
import torch
import torch.nn.functional as F

from grader import choices, close, hint, points

LOG2 = hint("log2", "This is a logarithm to base 2; the natural one was asked.")
LOG10 = hint("log10", "This is a logarithm to base 10; the natural one was asked.")
HALF = hint("half", "This is half the squared error: here it comes without a factor in front.")
DIVIDED = hint(
    "divided", "The squared error is divided once more: the mean over one prediction is that prediction's own."
)
ZERO = hint("zero", "This is the squared distance to target 0; the target is 1.")
NEGATIVE = hint(
    "negative", "A cross-entropy is never negative: the logarithm of a probability is, so minus stands before it."
)
EXCHANGED = hint("exchanged", "The two cross-entropies are exchanged: who is sure and wrong pays most.")
SUM = hint("sum", "This is the sum's; the mean over all entries was asked, and its gradient has the same divisor.")
ROWS = hint("rows", "The divisor is the number of rows; the mean is over all entries, whatever the shape.")
DOWNHILL = hint("downhill", "This points downhill: the gradient is the way up, so its sign is the other one.")
BRACKETS = hint("brackets", "Only the first term is negated: the minus stands before the whole sum of both.")
ONE_SIDED = hint("one_sided", "Entries with target 0 cost nothing here: the second term is for them.")
LOGIT = hint("logit", "This is the gradient with respect to the logit; it was asked with respect to p.")
FINITE = hint("finite", "For p = 0 or p = 1 the result is not finite: clip p before its logarithm and before dividing.")
CLIP = hint("clip", "After clipping, p is eps at least and 1 - eps at most, for the eps that is handed over.")
FROM_ZERO = hint("from_zero", "Your epochs are counted from 0; the first one has number 1.")
TIES = hint("ties", "An equal loss is taken for an improvement: only a strictly smaller one is.")
PATIENT = hint("patient", "You wait one epoch too long: the stop is the patience-th epoch that brought nothing.")
NEVER = hint("never", "You never stop: `patience` says after how many epochs without an improvement training ends.")
LATER = hint("later", "The best epoch lies after the stop: what comes after the stop is never seen.")

WORDS = ["overfit", "still learning", "converged"]


def _losses(p):
    """The three losses of one prediction, by torch."""
    target = torch.tensor([1.0, 0.0], dtype=torch.float64)
    prediction = torch.full_like(target, p)
    one, zero = F.binary_cross_entropy(prediction, target, reduction="none").tolist()
    return {"mse": F.mse_loss(prediction[:1], target[:1]).item(), "bce_y1": one, "bce_y0": zero}


def _initial(predictions, answers, **tolerance):
    """Compare the losses of named predictions cell by cell; bases, factors and mixed-up targets are known slips."""
    right = [_losses(p) for p in predictions.values()]
    turned = [_losses(1 - p) for p in predictions.values()]

    def slip(share, told, mse=lambda loss, _: loss, bce=lambda loss, _: loss):
        wrong = [
            {key: (mse if key == "mse" else bce)(loss, other[key]) for key, loss in losses.items()}
            for losses, other in zip(right, turned, strict=True)
        ]
        return share, dict(zip(predictions, wrong, strict=True)), told

    slips = [
        slip(0.5, LOG2, bce=lambda loss, _: loss / np.log(2)),
        slip(0.5, LOG10, bce=lambda loss, _: loss / np.log(10)),
        slip(0.5, NEGATIVE, bce=lambda loss, _: -loss),
        slip(0.6, HALF, mse=lambda loss, _: loss / 2),
        *(slip(0.5, DIVIDED, mse=lambda loss, _, n=n: loss / n) for n in range(3, 11)),
        slip(0, ZERO, mse=lambda _, other: other),
        slip(0, EXCHANGED, bce=lambda _, other: other),
    ]
    right_cells = dict(zip(predictions, right, strict=True))
    assert answers == close(right_cells, rtol=0, each=True, mistakes=slips, **tolerance)


@points(2, part="q2a")
def test_losses_of_the_undecided(submission):
    """The three losses are right for the classifier that says one half of everything."""
    _initial({"one half": 0.5}, {"one half": submission.initial_losses()}, atol=5e-3)


def _another(numbers):
    """A prediction of whose losses two and three digits are near, and none equal.

    In its range no slip looks like another: p^2 is no n-th of (1 - p)^2, nor -log(1 - p) the other one to base 10.
    """
    while True:
        p = float(numbers.uniform(0.375, 0.4))
        off = [[abs(loss - round(loss, digits)) for loss in _losses(p).values()] for digits in (2, 3)]
        if np.min(off) > 1.5e-4 and np.max(off) < 4.8e-3:
            return p


@points(2, part="q2a")
def test_losses_of_the_decided(submission, draw):
    """The three losses are right for classifiers that lean to one side."""
    predictions = {"one tenth": 0.1, "nine tenths": 0.9, "another p": _another(draw("p"))}
    answers = {name: submission.initial_losses(p) for name, p in predictions.items()}
    _initial(predictions, answers, atol=1e-4, band=4.9e-3)  # two digits; half of 0.1 squared is farther from it


def _batches(numbers):
    """Twenty pairs (p, y): of one to three axes, two of them with a single class of targets."""
    for turn in range(20):
        shape = tuple(numbers.integers(2, 6, 1 + turn % 3))
        p = numbers.uniform(0.02, 0.98, shape)
        yield p, np.full(shape, float(turn)) if turn < 2 else numbers.integers(0, 2, shape).astype(float)


SINGLE_PRECISION = {"rtol": 1e-9, "band": 1e-5}  # of float32 seven digits hold


def _oracle(loss, p, y):
    """The loss and its gradient, by torch."""
    prediction = torch.tensor(p, requires_grad=True)
    value = loss(prediction, torch.tensor(y))
    value.backward()
    return value.item(), prediction.grad.numpy()


@points(1, part="q2a.code")
def test_mse_loss(submission, draw):
    """The mean squared error is right for batches of any shape."""
    for p, y in _batches(draw("batches")):
        right, _ = _oracle(F.mse_loss, p, y)
        loss, _ = submission.mse(p, y)

        slips = [(0.7, right * p.size, SUM), (0.6, right / 2, HALF)]
        assert loss == close(right, mistakes=slips, **SINGLE_PRECISION)


def _wrongly_divided(right):
    """The gradient without its divisor, and with the number of rows for it, which is right in one axis."""
    return [(0.7, right * right.size, SUM), (0.7, right * (right.size / len(right)), ROWS)]


@points(2, part="q2a.code")
def test_mse_gradient(submission, draw):
    """Its gradient has one entry for each prediction."""
    for p, y in _batches(draw("batches")):
        _, right = _oracle(F.mse_loss, p, y)
        _, dp = submission.mse(p, y)

        slips = [*_wrongly_divided(right), (0.6, right / 2, HALF), (0.5, -right, DOWNHILL)]
        assert dp == close(right, mistakes=slips, **SINGLE_PRECISION)


def _unbracketed(p, y):
    """The cross-entropy of the slip: the minus before the first term alone."""
    return float(np.mean(-y * np.log(p) + (1 - y) * np.log(1 - p)))


def _one_sided(p, y):
    """The cross-entropy of the slip: its first term alone."""
    return float(np.mean(-y * np.log(p)))


def _negated(right, y, told):
    """The value with the other sign; where no target is 1, lost brackets look the same, and nothing is told."""
    return (0.5, -right, told) if y.any() else (0.5, -right)


@points(1, part="q2a.code")
def test_bce_loss(submission, draw):
    """The mean cross-entropy is right for batches of any shape, those with one class of targets among them."""
    for p, y in _batches(draw("batches")):
        right, _ = _oracle(F.binary_cross_entropy, p, y)
        loss, _ = submission.bce(p, y)

        slips = [(0.7, right * p.size, SUM), _negated(right, y, NEGATIVE), (0.3, _unbracketed(p, y), BRACKETS)]
        assert loss == close(right, mistakes=[*slips, (0, _one_sided(p, y), ONE_SIDED)], **SINGLE_PRECISION)


@points(1, part="q2a.code")
def test_bce_gradient(submission, draw):
    """Its gradient has one entry for each prediction."""
    for p, y in _batches(draw("batches")):
        _, right = _oracle(F.binary_cross_entropy, p, y)
        _, dp = submission.bce(p, y)

        unbracketed = np.where(y == 1, right, -right)
        slips = [*_wrongly_divided(right), _negated(right, y, DOWNHILL), (0.3, unbracketed, BRACKETS)]
        slips += [(0, np.where(y == 1, right, 0), ONE_SIDED), (0, (p - y) / p.size, LOGIT)]
        assert dp == close(right, mistakes=slips, **SINGLE_PRECISION)


@points(1, part="q2a.code")
def test_bce_at_the_ends(submission, draw):
    """For predictions of exactly 0 and 1 the loss is that of the clipped ones, and everything is finite."""
    numbers = draw("ends")
    ends = [(np.array([float(p)]), np.array([float(y)])) for p in (0, 1) for y in (0, 1)]
    mixed = numbers.permutation([0.0, 0.0, 1.0, 1.0, 0.3, 0.6]).reshape(2, 3), numbers.integers(0, 2, (2, 3)) * 1.0
    for settings, eps in (((), 1e-12), ((1e-3,), 1e-3)):
        for p, y in (*ends, mixed):
            loss, dp = submission.bce(p, y, *settings)

            clipped = np.clip(p, eps, 1 - eps)
            right, _ = _oracle(F.binary_cross_entropy, clipped, y)
            assert np.isfinite(loss), FINITE
            assert np.isfinite(dp).all(), FINITE
            paid_elsewhere = [
                (1, right * p.size),
                (1, -right),
                (1, _unbracketed(clipped, y)),
                (1, _one_sided(clipped, y)),
            ]
            assert loss == close(right, atol=1e-4, rtol=1e-4, mistakes=paid_elsewhere), CLIP
            assert np.shape(dp) == p.shape


def _falling(curve, last, before):
    """The rule of the statement, by plain sums over `last` and `before` values, ten of each as it stands there."""
    w = len(curve) // 5
    late = sum(curve[len(curve) - back] for back in range(1, last + 1)) / last
    early = sum(curve[len(curve) - w - back] for back in range(1, before + 1)) / before
    return late < 0.99 * early


def _diagnosis(train, val, last=10, before=10):
    """The first of the three rules that holds."""
    if not _falling(train, last, before):
        return "converged"
    if sum(val[-last:]) / last > 1.02 * np.min(val):
        return "overfit"
    return "still learning" if _falling(val, last, before) else "converged"


def _close_call(train, val):
    """Whether a mean over nine or eleven values instead of ten would change the diagnosis."""
    others = [_diagnosis(train, val, *windows) for windows in ((9, 10), (11, 10), (10, 9), (10, 11))]
    return any(other != _diagnosis(train, val) for other in others)


def _curve(numbers, n, fall, noise):
    """A noisy loss that decays for a while and then moves by -fall over its last fifth, its end a bit high."""
    epochs, turn = np.arange(n), int(n * numbers.uniform(0.3, 0.6))
    decay = 1 + 3 * np.exp(-6 * np.minimum(epochs, turn) / turn)
    loss = numbers.uniform(0.1, 1) * decay * (1 - fall) ** (np.maximum(epochs - turn, 0) / (n // 5))
    loss *= np.exp(numbers.normal(0, noise, n))
    loss[-1] *= 1 + 5 * noise
    return loss.tolist()


def _pairs(numbers, kinds, noise, wanted):
    """Five pairs for each diagnosis, made by the kinds of (training, validation) falls, of the wanted ones."""
    found = {word: [] for word in WORDS}
    while any(len(pairs) < 5 for pairs in found.values()):
        n = int(numbers.integers(70, 200))
        train, val = (_curve(numbers, n, fall, noise) for fall in kinds[numbers.integers(len(kinds))])
        pairs = found[_diagnosis(train, val)]
        if len(pairs) < 5 and wanted(train, val):
            pairs.append((train, val))
    return found


def _diagnoses(submission, numbers, kinds, noise, wanted):
    """Compare the words for fifteen pairs in a random order, right ones less wrong ones."""
    pairs = [(word, pair) for word, five in _pairs(numbers, kinds, noise, wanted).items() for pair in five]
    pairs = [pairs[place] for place in numbers.permutation(len(pairs))]

    answers = [submission.diagnose(train, val) for _, (train, val) in pairs]

    assert answers == choices([word for word, _ in pairs], words={"": WORDS})


@points(2, part="q2b")
def test_clear_curves(submission, draw):
    """The diagnosis of fifteen clear pairs follows the three rules."""
    kinds = [(0.1, -0.1), (0.1, 0.05), (0.1, 0), (0, 0), (0, -0.1), (0, 0.05)]
    _diagnoses(submission, draw("clear"), kinds, 0.001, lambda train, val: not _close_call(train, val))


@points(2, part="q2b")
def test_noisy_curves(submission, draw):
    """The diagnosis of fifteen noisy pairs follows the three rules to the letter: a single value says little."""
    kinds = [(0.02, -0.03), (0.05, 0.01), (0.02, 0.02), (0.01, 0), (0, 0.02), (0.01, 0.01)]
    _diagnoses(submission, draw("noisy"), kinds, 0.008, _close_call)


def _stopping(val, patience, ties=False):
    """(best, stop) from the epochs at which the running minimum drops (or is met again, if ties count)."""
    lowest = np.minimum.accumulate(val)
    better = [1] + [e + 1 for e in range(1, len(val)) if (val[e] <= lowest[e - 1] if ties else val[e] < lowest[e - 1])]
    for best, following in zip(better, [*better[1:], len(val) + 1], strict=True):
        if following - best > patience:
            return best, best + patience
    return better[-1], len(val)


def _stops(submission, curves, tied):
    """Compare the pairs of all curves at once; `tied`: the share of counting equal losses as improvements."""
    right = [_stopping(*curve) for curve in curves]
    ties = [_stopping(*curve, ties=True) for curve in curves]
    later = [(int(np.argmin(val)) + 1, stop) for (val, _), (_, stop) in zip(curves, right, strict=True)]
    longer = [_stopping(val, patience + 1) for val, patience in curves]
    never = [(best, len(val)) for (val, _), (best, _) in zip(curves, later, strict=True)]

    answers = [submission.best_epoch(val, patience) for val, patience in curves]

    slips = [(0.7, np.array(right) - 1, FROM_ZERO), (tied, ties, TIES), (0.5, longer, PATIENT)]
    slips += [(0, later, LATER), (0, never, NEVER)]
    assert answers == close(right, mistakes=[slip for slip in slips if np.any(np.array(slip[1]) != right)])


# Of equal losses only the first check knows, so 11/15 of its 3 points and the other's 1 make 80 % of the part.
@points(3, part="q2c")
def test_best_and_stop(submission, draw):
    """Best and stop are right for fifty curves, plateaus among them."""
    numbers = draw("curves")
    curves = [([3.0, 2.0, 2.0, 2.0, 2.0, 1.0], 3), ([2.0, 2.0, 2.0, 1.5], 2)]
    while len(curves) < 50:
        n = int(numbers.integers(5, 60))
        val = np.exp(-np.arange(n) / 8) + numbers.uniform(0, 0.4, n)
        curves.append((np.round(val, 1 + len(curves) % 2).tolist(), int(numbers.integers(1, 8))))
    _stops(submission, curves, 11 / 15)


@points(1, part="q2c")
def test_runs_to_the_end(submission, draw):
    """Where patience never runs out the stop is the last epoch; a curve of one epoch has both there."""
    n = int(draw("lengths").integers(5, 30))
    falling = np.linspace(2, 1, n).tolist()
    _stops(submission, [(falling, 1), ([0.7], 1), ([0.7], 5), ([0.5, 0.7, 0.6], 3), ([0.5, 0.7, 0.6, 0.4], 3)], 0)
