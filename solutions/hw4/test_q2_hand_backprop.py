"""Hidden checks of the hand-made training: torch differentiates the network; values may follow from an own slip."""

import math
from itertools import islice

import numpy as np
import torch

from grader import close, hint, points

UNITS, SLOPES = ("h1", "h2", "z"), [f"dL_dw{n}" for n in range(1, 7)]

SIGMOID = hint("sigmoid", "The hidden units went through a sigmoid: they are linear here, only the output has one.")
TURNED = hint("turned", "The inputs have changed places: w1 and w3 carry i1, w2 and w4 carry i2.")
UNCURVED = hint("uncurved", "This is the sum itself: the output sends it through the sigmoid.")
CROSSED = hint("crossed", "The weights are paired otherwise: w1 and w2 lead into h1, w3 and w4 into h2.")
HALF = hint("half", "A factor of two is missing: the loss is the square itself, without a half in front.")
SIGN = hint("sign", "The sign is turned: in which direction does the loss change when this number grows?")
NO_SLOPE = hint("no_slope", "The derivative of the sigmoid is missing on the way back.")
EXCHANGED = hint("exchanged", "h1 and h2 have changed places: each one reaches the output through its own weight.")
FIRST_INPUT = hint("first_input", "The first input stands where the second belongs: w2 and w4 carry i2.")
OTHER_RATE = hint("other_rate", "A weight has gone farther than `lr` times its gradient: the same rate serves all six.")
ASCENT = hint("ascent", "The weights climb: the update goes against the gradient.")
NO_RATE = hint("no_rate", "The learning rate is missing: the whole gradient was subtracted.")
REPEATED = hint("repeated", "This is the first epoch once more: the second one begins with the new weights.")
AFTER = hint("after", "This is the output after the second update: the second forward pass comes before it.")
FOLLOWED = hint("followed", "Near what your new weights give, but not it: put them into the network once more.")
VERDICT = hint("verdict", "Compare the loss that the weights after two epochs give with the threshold.")
ONE_BY_ONE = hint("one_by_one", "Some gradient has seen a weight that had moved already: take all six, then move.")
ONE_LIST = hint("one_list", "The rows of w are one list, appended again and again: append a copy in each epoch.")
LATE = hint("late", "The outputs and losses come after the update: an epoch's forward pass is before it.")


def _pass(w, i, y, hidden=lambda h: h):
    """The five values of a forward pass and the eleven derivatives of the backward pass, by name, by torch."""
    w = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    h = hidden(w[:4].reshape(2, 2) @ torch.tensor(i, dtype=torch.float64))
    z = w[4:] @ h
    p = torch.sigmoid(z)
    L = (y - p) ** 2
    dL_dp, dL_dw = torch.autograd.grad(L, (p, w), retain_graph=True)
    dp_dw, dp_dh = torch.autograd.grad(p, (w, h))
    names = [*UNITS, "p", "L", "dL_dp", "dp_dw5", "dp_dw6", "dp_dh1", "dp_dh2", *SLOPES]
    values = torch.stack([*h, z, p, L, dL_dp, *dp_dw[4:], *dp_dh, *dL_dw]).tolist()
    return dict(zip(names, values, strict=True))


def _of(given, **changed):
    """The first pass of the variant."""
    return _pass(given["w"], given["i"], given["y"], **changed)


def _slopes(values):
    return np.array([values[name] for name in SLOPES])


def _pick(values, *names):
    """These cells of an answer, as far as it has them."""
    return {name: values[name] for name in names if name in values} if isinstance(values, dict) else values


def _own(answer, *names):
    """The student's own numbers; for one that is missing or no finite number 0, from which nothing follows."""
    return [_number(answer.get(name)) if isinstance(answer, dict) else 0.0 for name in names]


def _number(cell):
    try:
        return float(cell) if math.isfinite(float(cell)) else 0.0
    except (TypeError, ValueError):
        return 0.0


def _own_output(submission):
    """The student's own output of the first epoch; 0 if it is none."""
    (p,) = _own(submission.forward1(), "p")
    return p if 0 < p < 1 else 0.0


@points(4.5, part="q2a")
def test_units(submission, given):
    """Both hidden units and the sum that enters the output are right."""
    right, curved, (w1, w2, w3, w4, w5, w6) = _of(given), _of(given, hidden=torch.sigmoid), given["w"]
    crossed = _pass([w1, w3, w2, w4, w5, w6], given["i"], given["y"])
    turned = _pass(given["w"], given["i"][::-1], given["y"])
    answer = submission.forward1()

    def from_your_units():
        h1, h2 = _own(answer, "h1", "h2")
        return {"h1": 0, "h2": 0, "z": w5 * h1 + w6 * h2 if h1 and h2 else 0}

    assert _pick(answer, *UNITS) == close(
        _pick(right, *UNITS),
        rtol=0,
        band=1e-6,
        each=True,
        carried=from_your_units,
        mistakes=[
            (0, _pick(curved, *UNITS), SIGMOID),
            (0, _pick(crossed, *UNITS), CROSSED),
            (0, _pick(turned, *UNITS), TURNED),
        ],
    )


@points(1.75, part="q2a")
def test_output(submission, given):
    """The output is the sigmoid of the sum."""
    right, curved = (_pick(_of(given, **changed), "p") for changed in ({}, {"hidden": torch.sigmoid}))
    uncurved = {"p": _of(given)["z"]}
    answer = submission.forward1()

    def from_your_sum():
        (z,) = _own(answer, "z")
        return {"p": 1 / (1 + math.exp(-z)) if z else 0}

    output = _pick(answer, "p")
    if output != close(curved, atol=1e-3, rtol=0):
        assert output == close(right, atol=1e-3, rtol=0, carried=from_your_sum, mistakes=[(0, uncurved, UNCURVED)])
    else:
        assert output == close(right, atol=1e-3, rtol=0, mistakes=[(0.5, curved, SIGMOID)])


@points(1.75, part="q2a")
def test_loss(submission, given):
    """The loss is the square of what is missing to the target."""
    right = _of(given)["L"]

    def from_your_output():
        p = _own_output(submission)
        return {"L": (given["y"] - p) ** 2 if p else 0}

    assert _pick(submission.forward1(), "L") == close(
        {"L": right}, atol=5e-5, rtol=0, band=1e-4, carried=from_your_output, mistakes=[(0.5, {"L": right / 2}, HALF)]
    )


@points(1.5, part="q2b")
def test_gradient_at_the_output(submission, given):
    """The derivative of the loss with respect to the output is right."""
    right = _of(given)["dL_dp"]

    def from_your_output():
        p = _own_output(submission)
        return {"dL_dp": 2 * (p - given["y"]) if p else 0}

    assert _pick(submission.gradients1(), "dL_dp") == close(
        {"dL_dp": right},
        atol=1e-3,
        rtol=0,
        carried=from_your_output,
        mistakes=[(0.5, {"dL_dp": right / 2}, HALF), (0.5, {"dL_dp": -right}, SIGN)],
    )


@points(2.25, part="q2b")
def test_output_by_its_weights(submission, given):
    """The derivatives of the output with respect to its two weights are right."""
    right = _of(given)

    def from_your_pass():
        p, (h1, h2) = _own_output(submission), _own(submission.forward1(), "h1", "h2")
        return {"dp_dw5": p * (1 - p) * h1, "dp_dw6": p * (1 - p) * h2}

    assert _pick(submission.gradients1(), "dp_dw5", "dp_dw6") == close(
        _pick(right, "dp_dw5", "dp_dw6"),
        atol=1e-3,
        rtol=0,
        each=True,
        carried=from_your_pass,
        mistakes=[(0.3, {"dp_dw5": right["h1"], "dp_dw6": right["h2"]}, NO_SLOPE)],
    )


@points(2.25, part="q2b")
def test_output_by_its_units(submission, given):
    """The derivatives of the output with respect to the two hidden units are right."""
    right, (*_, w5, w6) = _of(given), given["w"]

    def from_your_pass():
        p = _own_output(submission)
        return {"dp_dh1": p * (1 - p) * w5, "dp_dh2": p * (1 - p) * w6}

    assert _pick(submission.gradients1(), "dp_dh1", "dp_dh2") == close(
        _pick(right, "dp_dh1", "dp_dh2"),
        atol=5e-4,
        rtol=0,
        each=True,
        carried=from_your_pass,
        mistakes=[
            (0, {"dp_dh1": right["dp_dh2"], "dp_dh2": right["dp_dh1"]}, EXCHANGED),
            (0.3, {"dp_dh1": w5, "dp_dh2": w6}, NO_SLOPE),
        ],
    )


@points(6, part="q2b")
def test_gradients_of_the_weights(submission, given):
    """The derivatives of the loss with respect to the six weights are right."""
    right, i = _of(given), given["i"]
    slopes, answer = _slopes(right), submission.gradients1()

    def named(values):
        return dict(zip(SLOPES, values, strict=True))

    def from_your_derivatives():
        dL_dp, *by_weight, dp_dh1, dp_dh2 = _own(answer, "dL_dp", "dp_dw5", "dp_dw6", "dp_dh1", "dp_dh2")
        return named([dL_dp * dp_dw for dp_dw in (*(dp_dh * x for dp_dh in (dp_dh1, dp_dh2) for x in i), *by_weight)])

    assert _pick(answer, *SLOPES) == close(
        named(slopes),
        atol=5e-6,
        rtol=0,
        band=6e-4,
        each=True,
        carried=from_your_derivatives,
        mistakes=[
            (0.5, named(slopes / 2), HALF),
            (0.5, named(-slopes), SIGN),
            (0.3, named(slopes / (right["p"] * (1 - right["p"]))), NO_SLOPE),
            (0.5, named(slopes[[0, 0, 2, 2, 4, 5]]), FIRST_INPUT),
        ],
    )


@points(8, part="q2c")
def test_weights_after_the_first_epoch(submission, given):
    """Each weight has moved against its gradient, by the learning rate times it."""
    w, lr, slopes = np.array(given["w"]), given["lr"], _slopes(_of(given))

    def from_your_gradients():
        own = np.array(_own(submission.gradients1(), *SLOPES))
        return np.where(own == 0, 0, w - lr * own)

    assert submission.updated1() == close(
        w - lr * slopes,
        atol=5e-5,
        rtol=0,
        band=5e-4,
        each=True,
        carried=from_your_gradients,
        mistakes=[(0, w - 5 * lr * slopes, OTHER_RATE), (0.3, w + lr * slopes, ASCENT), (0.3, w - slopes, NO_RATE)],
    )


def _epochs(given, rates=1):
    """The weights after 0, 1, 2, ... epochs, without end. rates: multiples of lr, by weight."""
    w = np.array(given["w"], dtype=float)
    while True:
        yield w
        w = w - np.multiply(rates, given["lr"]) * _slopes(_pass(w, given["i"], given["y"]))


def _from_own_weights(submission, given):
    """Output and new weights of the second epoch from the student's own weights after the first."""
    own = np.array([_number(weight) for weight in submission.updated1()])
    if own.shape != (6,) or not own.all() or np.allclose(own, given["w"], atol=1e-6):
        raise ValueError("weights that are missing or have not moved carry nothing")
    _, new = islice(_epochs({**given, "w": own}), 2)
    return {"p": _pass(own, given["i"], given["y"])["p"], "w": new}


@points(3, part="q2d")
def test_output_of_the_second_epoch(submission, given):
    """The second forward pass begins with the weights that the first update left."""
    first, right, after = ({"p": _pass(w, given["i"], given["y"])["p"]} for w in islice(_epochs(given), 3))

    def from_your_weights(*_):
        return _pick(_from_own_weights(submission, given), "p")

    assert _pick(submission.epoch2(), "p") == close(
        right,
        atol=1e-3,
        rtol=0,
        carried=from_your_weights,
        carried_atol=1e-4,
        mistakes=[(0.5, after, AFTER), (0.5, from_your_weights, FOLLOWED), (0, first, REPEATED)],
    )


@points(9, part="q2d")
def test_weights_after_the_second_epoch(submission, given):
    """Each weight has moved a second time, against the gradient of the second epoch."""
    _, first, second = islice(_epochs(given), 3)
    _, hasty, mixed = islice(_epochs(given, (1, 1, 1, 1, 5, 5)), 3)
    mixed[4] = hasty[4] + (mixed[4] - hasty[4]) / 5  # w5 has come back to lr, w6 has not
    _, _, halved = islice(_epochs(given, 1 / 2), 3)
    answer = _pick(submission.epoch2(), "w")
    # Two half steps come near to one whole step: it takes all six weights to tell a half loss from an epoch repeated.
    slips = [(0, {"w": first}, REPEATED), (0.5, {"w": halved}, HALF)]
    slips = [slip for slip in slips if not answer != close(slip[1], atol=5e-5, rtol=0)]  # noqa: SIM202 (`==` judges)

    assert answer == close(
        {"w": second},
        atol=5e-5,
        rtol=0,
        band=8e-4,
        each=True,
        carried=lambda: _pick(_from_own_weights(submission, given), "w"),
        carried_atol=1e-4,
        mistakes=[*slips, (0, {"w": mixed}, OTHER_RATE)],
    )


def _losses(given, rates=1):
    """The losses after 0, 1, 2, ... epochs, without end."""
    return (_pass(w, given["i"], given["y"])["L"] for w in _epochs(given, rates))


def _verdict(given):
    """What is right about convergence, and the comparer for it."""
    right = next(islice(_losses(given), 2, None)) < 1e-3
    return close({"converged": right}, mistakes=[(0, {"converged": not right}, VERDICT)])


@points(0.5, part="q2e")
def test_convergence(submission, given):
    """Whether the network has converged after two epochs is said rightly."""
    assert _pick(submission.converged(), "converged") == _verdict(given)


@points(2.5, part="q2e")
def test_epochs_to_convergence(submission, given):
    """The number of updates until the loss is under the threshold is right, and so is the word about convergence."""
    answer = submission.converged()

    def updates(rate, factor=1):
        return {"epochs_to_1e-3": next(n for n, loss in enumerate(_losses(given, rate)) if factor * loss < 1e-3)}

    assert _pick(answer, "converged") == _verdict(given)
    assert _pick(answer, "epochs_to_1e-3") == close(
        updates(1), atol=1, mistakes=[(0, lambda right, f=f: updates(1 / 2, f), HALF) for f in (1, 1 / 2)]
    )


def _together(w, values, case, share=1):
    """The weights after a share of the update."""
    return w - share * case["lr"] * _slopes(values)


def _output_first(w, values, case):
    """The slip of sending the gradient back through output weights that have moved."""
    new = _together(w, values, case)
    return np.append(w[:4] - (w - new)[:4] * np.repeat(new[4:] / w[4:], 2), new[4:])


def _hidden_first(w, values, case):
    """The slip of moving the output weights by hidden units whose weights have moved."""
    new = _together(w, values, case)
    grown = new[:4].reshape(2, 2) @ case["i"] / _own(values, "h1", "h2")
    return np.append(new[:4], w[4:] - (w - new)[4:] * grown)


def _trained(case, epochs, update=_together, **options):
    """Outputs and losses, each before its update, and weights, each after it."""
    w, path = case["w"], {"p": [], "L": [], "w": []}
    for _ in range(epochs):
        values = _pass(w, case["i"], case["y"])
        w = update(w, values, case, **options)
        for name, value in (("p", values["p"]), ("L", values["L"]), ("w", w)):
            path[name].append(value)
    return path


def _slips(case, epochs, right):
    """What the known slips make of a training."""
    longer, half = _trained(case, epochs + 1), _trained(case, epochs, share=1 / 2)
    return [
        (0.7, {**right, "w": [right["w"][-1]] * epochs}, ONE_LIST),
        *((0.5, _trained(case, epochs, way), ONE_BY_ONE) for way in (_output_first, _hidden_first)),
        (0.5, half, HALF),
        (0.5, {**half, "L": np.divide(half["L"], 2)}, HALF),
        (0.7, {"p": longer["p"][1:], "L": longer["L"][1:], "w": longer["w"][:-1]}, LATE),
    ]


@points(10, part="q2f")
def test_any_training(submission, draw):
    """Outputs, losses and weights of every epoch agree with automatic differentiation, on thirty networks."""
    numbers = draw("networks")

    for number in range(30):  # with inputs this small no sum is out of the reach of exp
        w, i, lr = numbers.uniform(-1, 1, 6), numbers.uniform(-2, 2, 2), numbers.uniform(0.1, 5)
        case, epochs = {"w": w, "i": i, "y": number % 2, "lr": lr}, int(numbers.integers(1, 21))
        right = _trained(case, epochs)
        answer = submission.train_tiny(w.tolist(), i.tolist(), case["y"], lr, epochs)

        slips = _slips(case, epochs, right) if answer != close(right, atol=1e-6) else ()
        assert answer == close(right, atol=1e-6, band=5e-6, mistakes=slips)  # a slip is off by more than 6e-6
