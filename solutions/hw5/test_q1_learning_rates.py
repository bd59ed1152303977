"""Hidden checks of the learning rates: closed forms, sums in place of Adam's recursion, and normal equations."""

import math

import numpy as np

from grader import close, hint, points

HALF = hint("half", "This is half of it: the factor of a step may be as small as minus one before anything grows.")
FLATTEST = hint("flattest", "The flattest direction sets the pace, the steepest one sets the limit.")
UPHILL = hint("uphill", "The points walk uphill: a step goes against the gradient.")
START = hint("start", "A point is missing: the start comes first, and each step adds one.")
SLOPE = hint("slope", "The gradient is twice too large: the bowl is lam x^2 / 2, with its half.")
ONE_OFF = hint("one_off", "One step too many or too few: try t = 0, 1, 2 on paper with the factor one half.")
SIGNED = hint("signed", "A factor below zero shrinks by its size: compare its absolute value with the tolerance.")
UNSTABLE = hint("unstable", "Here the error never shrinks, so there is no such step: return None.")
STUCK = hint("stuck", "It says that it never escapes, yet y has a gradient here and f falls along y, to both sides.")
UNCORRECTED = hint("uncorrected", "Adam's averages start at zero: divide them by 1 - beta^t before the step.")
RIDGE = hint("ridge", "Exactly on the ridge y has no gradient, so there is no moment either: nothing pushes it off.")
WHICH = hint("which", 'Return {"batch": "a"} or {"batch": "b"}.')
REVERSED = hint("reversed", "The noisy curve is taken for the full batch: whose gradient is exact in every step?")
TIES = hint("ties", "A loss that stays the same is counted as rising.")
FALLING = hint("falling", "This is the share of the steps in which the loss falls.")
STEPS = hint("steps", "It is divided by the number of losses: there is one step fewer than there are losses.")
ALL_ROWS = hint("all_rows", "The loss of all rows is recorded: record what the step saw, the loss of its own rows.")
AFTERWARDS = hint("afterwards", "The losses are recorded after the step: record first, then move.")
FARTHER = hint("farther", "The steps are twice too long: a loss with its half has a gradient without a factor of two.")
DOUBLE = hint("double", "The recorded losses are twice too large: the loss is the mean square divided by two.")


@points(1, part="q1a")
def test_largest_stable_rate(submission, draw):
    """The steepest direction decides how large the learning rate may be."""
    numbers = draw("curvatures")

    for size in (1, 2, 3, 5, 8):
        eigs = numbers.uniform(0.1, 20, size).tolist()
        assert submission.max_stable_lr(eigs) == close(
            2 / max(eigs), mistakes=[(0.5, 1 / max(eigs), HALF), (0.4, 2 / min(eigs), FLATTEST)]
        )


@points(1, part="q1a")
def test_path_on_the_bowl(submission, draw):
    """The path follows its closed form: where it is stable, where it grows, and where it swings for ever."""
    numbers = draw("paths")

    for rate in (2.1, 2.0, 1.0, *numbers.uniform(0.01, 1.9, 5)):  # in units of 1 / lam; 2.1 / lam grows by 1.1 a step
        lam, x0 = numbers.uniform(0.1, 10), numbers.uniform(1, 9)
        right, uphill, steep = (x0 * factor ** np.arange(51) for factor in (1 - rate, 1 + rate, 1 - 2 * rate))
        slips = [(0.7, right[1:], START), (0.7, right[:-1], START), (0, uphill, UPHILL), (0, steep, SLOPE)]
        assert submission.gd_path(lam, rate / lam, x0, 50) == close(right, atol=1e-6, rtol=1e-5, mistakes=slips)


@points(1, part="q1b")
def test_steps_to_tolerance(submission, draw):
    """The number of steps is the smallest one that is enough; where none is, the answer is None."""
    numbers = draw("tolerances")
    cases = [(1.0, 1e-3, 0.9513, 50), (8.0, 0.125, 0.01, 1)]  # 0.999^50 = 0.951206; a factor of zero
    while len(cases) < 20:
        right, lam = int(numbers.integers(3, 61)), numbers.uniform(0.1, 10)
        factor = numbers.choice([-1, 1]) * numbers.uniform(0.3, 0.97)
        cases.append((lam, (1 - factor) / lam, abs(factor) ** (right - 0.5), right))  # far from a tie of the logarithms

    for lam, lr, tol, right in cases:
        signed = [(0, answer, SIGNED) for answer in (1, None)] if lr * lam > 1 else []
        assert submission.steps_to_tol(lam, lr, tol) == close(
            right, mistakes=[(0.7, right + 1, ONE_OFF), (0.7, right - 1, ONE_OFF), *signed]
        )
    for lam, lr in ((4.0, 0.5), (numbers.uniform(0.5, 4), numbers.uniform(5, 9))):
        assert submission.steps_to_tol(lam, lr, 0.1) is None, UNSTABLE


def _starts(numbers):
    """Learning rates and starts near the ridge: the source's own, and drawn ones."""
    drawn = [(r, s * 10.0**e) for r, s, e in numbers.uniform((0.03, 0.5, -6), (0.2, 1, -1), (4, 3)).tolist()]
    return [(0.1, 1e-2), (0.1, 1e-3), (0.1, 1e-6), (0.01, 1e-6), *drawn, (drawn[0][0], -1e-3)]


def _adam_steps(lr, y, corrected=True):
    """Steps until |y| > 1 when Adam's averages are written out as sums over all gradients so far (Kingma, Ba 2015)."""
    gradients = []
    while abs(y) <= 1:
        gradients.append(-2 * y)
        ages = np.arange(len(gradients))[::-1]
        first, second = (
            (1 - beta) * np.sum(beta**ages * np.power(gradients, power)) for beta, power in ((0.9, 1), (0.999, 2))
        )
        if corrected:
            first, second = first / (1 - 0.9**ages.size), second / (1 - 0.999**ages.size)
        y -= lr * first / (np.sqrt(second) + 1e-8)
    return len(gradients)


@points(0.75, part="q1p")
def test_gradient_descent_leaves_the_saddle(submission, draw):
    """Near the ridge gradient descent needs as many steps as the growth of y says; too small a limit gives None."""
    for lr, y in _starts(draw("starts")):
        right = math.ceil(math.log(1 / abs(y)) / math.log(1 + 2 * lr))

        answer = submission.escape_steps("sgd", lr, (1.0, y))

        assert answer is not None, STUCK
        assert answer == close(right, atol=1)  # one step more or less is a matter of counting
        assert submission.escape_steps("sgd", lr, (1.0, y), right - 2) is None, hint(
            "limit", "It goes on after the limit: with too few steps allowed the answer is None."
        )


@points(0.75, part="q1p")
def test_adam_leaves_the_saddle(submission, draw):
    """Near the ridge Adam needs as many steps as its averages say."""
    for lr, y in _starts(draw("starts")):
        answer = submission.escape_steps("adam", lr, (1.0, y))

        assert answer is not None, STUCK
        assert answer == close(
            _adam_steps(lr, y), atol=1, mistakes=[(0.5, _adam_steps(lr, y, corrected=False), UNCORRECTED)]
        )


@points(1.5, part="q1p")
def test_on_the_ridge_and_beside_it(submission, draw):
    """Both methods stay exactly on the ridge and leave it from any point beside it."""
    numbers = draw("ridge")

    for opt in ("sgd", "adam"):
        for x in (1.0, numbers.uniform(-3, 3)):
            assert submission.escape_steps(opt, 0.1, (x, 0.0)) is None, RIDGE
            assert submission.escape_steps(opt, 0.1, (x, numbers.uniform(1e-5, 1e-2))) is not None, STUCK


def _weights(A, y, steps, rate=0.05):
    """The weights before and after every step of gradient descent from zero, by the normal equations.

    A: (n, d) float64; y: (n,) float64; steps: the rows of each step. Returns (len(steps) + 1, d) float64.
    """
    path = [np.zeros(A.shape[1])]
    for rows in steps:
        hessian, pull = (A[rows].T @ B[rows] / len(rows) for B in (A, y))
        path.append(path[-1] - rate * (hessian @ path[-1] - pull))
    return np.array(path)


def _losses(A, y, weights, steps):
    """Half the mean square error of each step's rows under that step's weights."""
    return [np.mean((A[rows] @ w - y[rows]) ** 2) / 2 for rows, w in zip(steps, weights, strict=True)]


@points(1, part="q1t")
def test_which_curve_is_the_full_batch(submission, draw):
    """In all four pairs the curve of the full batch is found."""
    numbers = draw("pairs")
    places = numbers.permutation(["a", "b", *numbers.choice(["a", "b"], 2)]).tolist()  # no constant answer fits

    picked = []
    for place, batch in zip(places, (4, 8, 16, 32), strict=True):
        A = numbers.normal(size=(256, 4))
        y = A @ numbers.normal(size=4) + numbers.normal(size=256)
        full, few = ([numbers.permutation(256)[:size] for _ in range(80)] for size in (256, batch))
        smooth, noisy = (_losses(A, y, _weights(A, y, steps)[:-1], steps) for steps in (full, few))
        answer = submission.which_curve(*((smooth, noisy) if place == "a" else (noisy, smooth)))
        word = answer.get("batch") if isinstance(answer, dict) else None
        assert isinstance(word, str), WHICH
        assert word in ("a", "b"), WHICH
        picked.append(word)

    right = sum(mine == place for mine, place in zip(picked, places, strict=True))
    assert right > 0, REVERSED
    assert right == len(places), hint(
        "some", "Some pairs are told apart and some are not: what is it about a curve that shows an exact gradient?"
    )


@points(1, part="q1t.auto")
def test_share_of_rising_steps(submission, draw):
    """The share counts the steps in which the loss rises, and nothing else."""
    numbers = draw("curves")
    drawn = [numbers.integers(0, 6, numbers.integers(5, 40)).astype(float).tolist() for _ in range(10)]
    curves = [[*curve, 6.0, 6.0] for curve in drawn]  # a last rise and a tie
    moves = [np.diff(curve) for curve in curves]

    # Compared all together: two ways of counting may agree on one curve by chance.
    assert [submission.increase_fraction(curve) for curve in curves] == close(
        [np.mean(moved > 0) for moved in moves],
        mistakes=[
            (0.5, [np.mean(moved >= 0) for moved in moves], TIES),
            (0.5, [np.sum(moved > 0) / (len(moved) + 1) for moved in moves], STEPS),
            (0, [np.mean(moved < 0) for moved in moves], FALLING),
        ],
    )


@points(1, part="q1t.auto")
def test_recorded_losses(submission, solution, draw):
    """The recorded losses are those of the rows that each step looked at, for the full batch and for small ones."""
    numbers = draw("seeds")

    for batch in (512, 64, 16):
        seed = int(numbers.integers(1 << 30))
        steps = solution.batch_rows(batch, seed)
        A, y = solution.least_squares(seed)
        weights = _weights(A, y, steps)
        assert submission.loss_curve(batch, seed) == close(
            _losses(A, y, weights[:-1], steps),
            mistakes=[
                (0.6, _losses(A, y, weights[:-1], [slice(None)] * len(steps)), ALL_ROWS),
                (0.6, _losses(A, y, weights[1:], steps), AFTERWARDS),
                (0.6, lambda right: 2 * right, DOUBLE),
                (0.6, _losses(A, y, _weights(A, y, steps, rate=0.1)[:-1], steps), FARTHER),
            ],
        )
