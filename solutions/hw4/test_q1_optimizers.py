"""Hidden checks of the optimisers: torch.optim is the oracle, and each known slip is a sum over all gradients."""

import numpy as np
import torch
from torch import optim

from grader import choices, close, hint, inside, points, watch

PAIR = hint("pair", "Return two things, the new parameters and the new state: `return p, state`.")
MEMORY = hint("memory", "Two runs side by side disturb each other: whatever is remembered belongs into the state.")
IN_PLACE = hint("in_place", "An array of the caller was changed: compute new parameters and leave p and g alone.")
UPHILL = hint("uphill", "The steps lead uphill: move against the gradient.")
FORGETFUL = hint("forgetful", "Nothing is remembered: what a step has renewed belongs into the state that it returns.")
STALE = hint("stale", "The divisor does not know the gradient of now: renew first, and then move.")
DAMPED = hint("damped", "The gradient is scaled down on its way into the memory: here it is added as it is.")
NO_LOOK = hint("no_look", "These are the steps of plain momentum: Nesterov's step adds the gradient of now once more.")
TWICE = hint("twice", "The memory alone, scaled, is no Nesterov step: the gradient of now has a part of its own.")
INSIDE = hint("inside", "`eps` went into the root: take the root first, and add `eps` to it.")
NO_ROOT = hint("no_root", "The root is missing: squares were added up, so the divisor needs their root.")
SWAPPED = hint("swapped", "alpha and 1 - alpha have changed places: alpha is the share that the old average keeps.")
FORGETS_NOTHING = hint("forgets_nothing", "The squares are added up as in AdaGrad: RMSprop fades the old ones out.")
UNCORRECTED = hint("uncorrected", "Adam's averages begin at zero: divide both by 1 - beta^t before they are used.")
ONE_CORRECTED = hint("one_corrected", "One of Adam's two averages goes without the correction: both begin at zero.")
FIXED_COUNT = hint("fixed_count", "Every step is corrected like the first one: t has to be counted, in the state.")
LATE_COUNT = hint("late_count", "t is one too large: in the first step it is 1.")
KEPT = hint("kept", "The corrected averages went into the state: the correction is for the move alone.")
EPS_EARLY = hint("eps_early", "`eps` is added before the correction of the average: correct it first, then add `eps`.")
BETAS = hint("betas", "b1 and b2 have changed places: b1 belongs to the gradients, b2 to their squares.")
ABSOLUTE = hint("absolute", "Sizes were added up: AdaGrad adds squares and takes the root of their sum.")
LAST_ROW = hint("last_row", "The last row is left out: AdaGrad renews its sums before it moves.")
MEAN = hint("mean", "The squares are averaged: AdaGrad adds them up and divides by no count.")


@inside
def points_visited(opt_step, name, p, gradients, hp, beside=False):
    """The parameters after each of the gradients, (T, *p.shape); None unless opt_step returns pairs.

    beside: whether another run, with a state of its own, takes its steps in between.
    """
    import numpy as np

    visited, state, away, other = [], {}, p.copy(), {}
    for g in gradients:
        if beside:
            away, other = opt_step(name, away, g + 1, other, **hp)
        answer = opt_step(name, p, g, state, **hp)
        if not isinstance(answer, tuple | list) or len(answer) != 2:
            return None
        p, state = np.array(answer[0], dtype=float), answer[1]
        visited.append(p.copy())
    return np.array(visited)


def _descent(optimizer, p, hessian, pull):
    """Fifty steps of an optimiser of torch's on a quadratic: the gradients that it meets and the points it visits."""
    p = torch.tensor(p, requires_grad=True)
    optimizer = optimizer([p])
    gradients, visited = [], []
    for _ in range(50):
        p.grad = (torch.from_numpy(hessian) @ p.detach().flatten() - torch.from_numpy(pull)).reshape(p.shape)
        gradients.append(p.grad.numpy().copy())
        optimizer.step()
        visited.append(p.detach().numpy().copy())
    return np.array(gradients), np.array(visited)


def _faded(new, keep):
    """The sums over all k <= t of keep^(t - k) new_k, for each t. new: (T, ...)."""
    ages = np.subtract.outer(np.arange(len(new)), np.arange(len(new)))
    return np.tensordot(np.where(ages < 0, 0, float(keep) ** np.maximum(ages, 0)), new, axes=1)


def _before(memory):
    """What was remembered when each step began: nothing, and then what the last one left. memory: (T, ...)."""
    return np.concatenate([0 * memory[:1], memory[:-1]])


SINGLE_PRECISION = 2e-5  # what fifty steps in float32 are off by, where the points are about ten from zero


def _run(numbers, shape, oracle, settings, slips):
    """Fifty steps of torch's from a drawn point: hp, the point, the gradients, the points visited, and those of slips.

    No slip is so near to the right points that it could be taken for rounding.
    """
    while True:
        hp = {"lr": numbers.uniform(0.02, 0.1), **settings(numbers)}
        p, size = numbers.normal(0, 3, shape), int(np.prod(shape))
        basis = np.linalg.qr(numbers.normal(size=(size, size)))[0]
        hessian = basis * numbers.uniform(0.2, 5, size) @ basis.T
        hessian[-1] *= size == 1  # one coordinate never has a gradient
        pull = hessian @ numbers.normal(0, 3, size)
        gradients, right = _descent(lambda weights, hp=hp: oracle(weights, **hp), p, hessian, pull)
        ways = [(share, p - hp["lr"] * np.cumsum(steps, axis=0), told) for share, steps, told in slips(gradients, **hp)]
        ways.append((0, 2 * p - right, UPHILL))
        if all(np.abs(points - right).max() > 2 * SINGLE_PRECISION for _, points, _ in ways):
            return hp, p, gradients, right, ways


def _compare(submission, numbers, name, oracle, settings, slips):
    """Five runs of fifty steps against torch's. settings(numbers): hp; slips(g, **hp): (share, steps / lr, hint)s."""
    for shape in ((4,), (2, 3), (1,), (3, 1, 2), (7,)):
        hp, p, gradients, right, ways = _run(numbers, shape, oracle, settings, slips)

        with watch() as seen:
            visited = submission(points_visited, submission.opt_step, name, p, gradients, hp)

        assert visited is not None, PAIR
        assert visited == close(right, atol=1e-10, rtol=0, band=SINGLE_PRECISION, mistakes=ways)
        assert bool(seen.modified) == close(False, mistakes=[(0.8, True, IN_PLACE)])
        beside = submission(points_visited, submission.opt_step, name, p, gradients, hp, True)
        assert np.allclose(beside, visited, rtol=0, atol=1e-10) == close(True, mistakes=[(0.5, False, MEMORY)])


def _momentum(numbers):
    return {"momentum": numbers.uniform(0.5, 0.95)}


def _divisor(numbers):
    """An eps that shows where it is added."""
    return {"eps": 10 ** numbers.uniform(-3, -1)}


@points(2.5, part="q1a")
def test_gradient_descent(submission, draw):
    """Plain steps agree with torch's on five quadratics."""
    _compare(submission, draw("sgd"), "sgd", optim.SGD, lambda numbers: {}, lambda g, lr: [])


@points(2.5, part="q1a")
def test_momentum(submission, draw):
    """Steps with momentum agree with torch's on five quadratics."""

    def slips(g, lr, momentum):
        return [(0.5, (1 - momentum) * _faded(g, momentum), DAMPED), (0.3, g, FORGETFUL)]

    _compare(submission, draw("momentum"), "momentum", optim.SGD, _momentum, slips)


@points(2.5, part="q1a")
def test_nesterov(submission, draw):
    """Nesterov's steps agree with torch's on five quadratics."""

    def nesterov(weights, **hp):
        return optim.SGD(weights, nesterov=True, **hp)

    def slips(g, lr, momentum):
        memory = _faded(g, momentum)
        return [
            (0.3, memory, NO_LOOK),
            (0.3, momentum * memory, TWICE),
            (0.3, (1 + momentum) * memory, TWICE),
            (0.3, (1 + momentum) * g, FORGETFUL),
        ]

    _compare(submission, draw("nesterov"), "nesterov", nesterov, _momentum, slips)


@points(2.5, part="q1a")
def test_adagrad(submission, draw):
    """AdaGrad's steps agree with torch's on five quadratics."""

    def slips(g, lr, eps):
        s = _faded(g**2, 1)
        return [
            (0.8, g / np.sqrt(s + eps), INSIDE),
            (0.3, g / (np.sqrt(_before(s)) + eps), STALE),
            (0.3, g / (abs(g) + eps), FORGETFUL),
            (0, g / (s + eps), NO_ROOT),
        ]

    _compare(submission, draw("adagrad"), "adagrad", optim.Adagrad, _divisor, slips)


@points(2.5, part="q1a")
def test_rmsprop(submission, draw):
    """RMSprop's steps agree with torch's on five quadratics."""

    def settings(numbers):
        return {"alpha": numbers.uniform(0.8, 0.99), **_divisor(numbers)}

    def slips(g, lr, alpha, eps):
        s, swapped = ((1 - keep) * _faded(g**2, keep) for keep in (alpha, 1 - alpha))
        return [
            (0.8, g / np.sqrt(s + eps), INSIDE),
            (0.4, g / (np.sqrt(swapped) + eps), SWAPPED),
            (0.3, g / (np.sqrt(_before(s)) + eps), STALE),
            (0.3, g / (np.sqrt(1 - alpha) * abs(g) + eps), FORGETFUL),
            (0, g / (np.sqrt(_faded(g**2, 1)) + eps), FORGETS_NOTHING),
            (0, g / (s + eps), NO_ROOT),
        ]

    _compare(submission, draw("rmsprop"), "rmsprop", optim.RMSprop, settings, slips)


def _corrected_and_kept(new, keep):
    """An average whose corrected values go into the next step, for each t. new: (T, ...)."""
    kept, values = 0 * new[0], []
    for t, value in enumerate(new, 1):
        kept = (keep * kept + (1 - keep) * value) / (1 - keep**t)
        values.append(kept)
    return np.array(values)


@points(2.5, part="q1a")
def test_adam(submission, draw):
    """Adam's steps agree with torch's on five quadratics, the first one too."""

    def settings(numbers):
        return {"betas": tuple(numbers.uniform((0.5, 0.9), (0.95, 0.9995)).tolist()), **_divisor(numbers)}

    def slips(g, lr, betas, eps):
        t = np.arange(1, len(g) + 1).reshape(-1, *[1] * (g.ndim - 1))

        def averages(b1, b2):
            return (1 - b1) * _faded(g, b1), (1 - b2) * _faded(g**2, b2), 1 - b1**t, 1 - b2**t

        (m, v, c1, c2), (m_, v_, c1_, c2_) = averages(*betas), averages(*betas[::-1])
        b1, b2 = betas
        kept_m, kept_v = _corrected_and_kept(g, b1), _corrected_and_kept(g**2, b2)
        return [
            (0.5, m / (np.sqrt(v) + eps), UNCORRECTED),
            (0.7, m / c1 / (np.sqrt(v) + eps), ONE_CORRECTED),
            (0.7, m / (np.sqrt(v / c2) + eps), ONE_CORRECTED),
            (0.5, m / (1 - b1) / (np.sqrt(v / (1 - b2)) + eps), FIXED_COUNT),
            (0.7, m / (1 - b1 ** (t + 1)) / (np.sqrt(v / (1 - b2 ** (t + 1))) + eps), LATE_COUNT),
            (0.5, kept_m / (np.sqrt(kept_v) + eps), KEPT),
            (0.3, g / (abs(g) + eps), FORGETFUL),
            (0.8, m / c1 / np.sqrt(v / c2 + eps), INSIDE),
            (0.8, m / c1 * np.sqrt(c2) / (np.sqrt(v) + eps), EPS_EARLY),
            (0, m_ / c1_ / (np.sqrt(v_ / c2_) + eps), BETAS),
            (0, m / c1 / (v / c2 + eps), NO_ROOT),
        ]

    numbers = draw("adam")
    _compare(submission, numbers, "adam", optim.Adam, settings, slips)
    g, hp = numbers.choice([-1, 1], 6) * 10.0 ** np.arange(-2, 4), {"betas": (0.9, 0.999), "eps": 1e-12}
    first = submission(points_visited, submission.opt_step, "adam", 0 * g, g[None], {"lr": 0.1, **hp})
    ways = [(share, -0.1 * steps, told) for share, steps, told in slips(g[None], lr=0.1, **hp)]
    assert first == close(-0.1 * np.sign(g[None]), mistakes=ways)


def _rates(history, lr, eps):
    """The rates after this history, and what the known slips make of it."""
    sums, count = {power: sum(abs(row) ** power for row in history) for power in (1, 2)}, len(history)
    before = sums[2] - history[-1] ** 2
    return close(
        lr / (sums[2] ** 0.5 + eps),
        mistakes=[
            (0.4, lr / (sums[1] + eps), ABSOLUTE),
            (0.5, lr / ((sums[2] / count) ** 0.5 + eps), MEAN),
            (0.8, lr / (sums[2] + eps) ** 0.5, INSIDE),
            (0.5, lr / (np.maximum(before, 0) ** 0.5 + eps), LAST_ROW),
            (0, lr / (sums[2] + eps), NO_ROOT),
        ],
    )


@points(2, part="q1b")
def test_effective_rates(submission, draw):
    """The rates follow from all gradients so far, for histories of every length."""
    numbers = draw("histories")

    for steps, size in ((1, 3), (2, 1), *numbers.integers(2, 30, (8, 2)).tolist()):
        history = numbers.normal(0, 2, (steps, size))
        lr, eps = numbers.uniform(0.01, 1), 10 ** numbers.uniform(-3, -1)
        assert submission.adagrad_lr(history, lr, eps) == _rates(history, lr, eps)


@points(2, part="q1b")
def test_rare_features(submission, draw):
    """A rare feature, a frequent one and one that was never there get the rates that their gradients say."""
    numbers = draw("features")

    for _ in range(5):
        rare, every = int(numbers.integers(2, 6)), int(numbers.integers(3, 9))
        history = np.zeros((rare * every, 3))
        history[:, 0] = history[::every, 1] = numbers.uniform(0.5, 2)
        lr, eps = numbers.uniform(0.01, 1), 10 ** numbers.uniform(-6, -4)
        history = numbers.permutation(history)
        assert submission.adagrad_lr(history, lr, eps) == _rates(history, lr, eps)


def _steps(optimizer, gradient, count=3, lr=0.01, **hp):
    """The steps that an optimiser of torch's takes from zero, two weights, where gradient(w, t) is the gradient."""
    w = torch.zeros(2, dtype=torch.float64)
    optimizer, steps = optimizer([w], lr=lr, **hp), []
    for t in range(count):
        before, w.grad = w.clone(), torch.as_tensor(gradient(w, t), dtype=torch.float64)
        optimizer.step()
        steps.append((w - before).numpy())
    return np.array(steps)


def _facts():
    """The six statements, tried out on torch's optimisers."""
    g = np.array([[2.0, 0.5], [1.0, -1.0], [3.0, 0.25]])
    small, large = (_steps(optim.Adam, lambda w, t, scale=scale: scale * g[t]) for scale in (1, 1000))
    fading = np.repeat([[10.0, 10.0], [0.1, 0.1]], 20, axis=0)
    adagrad, rmsprop = (
        np.abs(_steps(optimizer, lambda w, t: fading[t], 40) / fading) for optimizer in (optim.Adagrad, optim.RMSprop)
    )
    idle = (_steps(optim.SGD, lambda w, t: g[t], momentum=1e-12, nesterov=look) for look in (False, True))
    steady = _steps(optim.Adam, lambda w, t: [1.0, 10.0]) / [1, 10]  # here the average gradient is the gradient
    a = torch.tensor([1.0, 2.0], dtype=torch.float64)  # (a w - 1)^2 is zero on a whole line
    sgd, adam = (_steps(method, lambda w, t: 2 * a * (a @ w - 1), 500).sum(0) for method in (optim.SGD, optim.Adam))
    assert np.allclose(np.dot([sgd, adam], a.numpy()), 1, atol=1e-6)
    return {
        "adam_first_step_keeps_its_size": np.allclose(small[0], large[0]),
        "adagrad_rate_can_grow": bool((np.diff(adagrad, axis=0) > 1e-12).any()),
        "rmsprop_rate_can_grow": bool((np.diff(rmsprop, axis=0) > 1e-12).any()),
        "zero_momentum_is_sgd": all(np.allclose(steps, -0.01 * g) for steps in idle),
        "adam_has_one_rate": np.allclose(steady[1:, 0], steady[1:, 1]),
        "same_end": np.allclose(sgd, adam, atol=1e-3),
    }


FACTS = _facts()  # once for a whole class


@points(2, part="q1.choice")
def test_facts(submission):
    """The six statements are judged as the optimisers behave."""
    assert submission.optimizer_facts() == choices(FACTS)
