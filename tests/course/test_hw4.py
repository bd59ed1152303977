"""Figures of homework 4: the table of the hand calculation, and what the source's own answers earn."""

from __future__ import annotations

import itertools
import runpy
from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from grader.checking.verifier import Verifier
from grader.course import find_course
from grader.records import Submission, Verdict
from tests.sample_course import ROOT

HW4 = find_course(ROOT).assignment("hw4")
OPTIMIZERS, BY_HAND = HW4.question("q1"), HW4.question("q2")
SOURCE = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [3, 5], 1  # the weights, inputs and target of the source
SHEET = """
def forward1():
    return {"h1": 1.3, "h2": 2.9, "z": 2.39, "p": 0.916, "L": 0.00704}


def gradients1():
    return {
        "dL_dp": -0.168, "dp_dw5": 0.1000272, "dp_dw6": 0.2231376, "dp_dh1": 0.0461356, "dp_dh2": 0.0384464,
        "dL_dw1": -0.0193627, "dL_dw2": -0.032271, "dL_dw3": -0.023235, "dL_dw4": -0.0387255,
        "dL_dw5": -0.0167811, "dL_dw6": -0.0374347,
    }


def updated1():
    return [0.10193627, 0.20322712, 0.30232353, 0.40387255, 0.50167811, 0.61874347]


def epoch2():
    return {"p": 0.9229156, "w": [0.1036090, 0.2060151, 0.3043593, 0.4072655, 0.5098404, 0.6347652]}


def converged():
    return {"converged": False, "epochs_to_1e-3": ...}
"""  # source 003, as it is printed; it gives no number of epochs


@pytest.fixture(scope="module")
def solved() -> dict[str, Any]:
    """The names of the solution by hand, with the source's own numbers."""
    return runpy.run_path(str(BY_HAND.source))


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    started = Verifier(ROOT, "hw4", trusted=True, questions=[BY_HAND.id])
    yield started
    started.close()


def earned(verifier: Verifier, added: str, variant: int = 0) -> dict[str, Fraction]:
    """What the solution with these definitions after it earns, in points by part."""
    module = f"{BY_HAND.source.read_text(encoding='utf-8')}\n\n{added}\n"
    verdict = verifier.grade(Submission("somebody", "", {f"{BY_HAND.id}.py": module.encode()}), variant)
    assert isinstance(verdict, Verdict), verdict
    points = dict.fromkeys(BY_HAND.parts, Fraction(0))
    for finding in verdict.findings:
        points[finding.check.part] += finding.check.points * (finding.share or 0)
    return points


def digits(values: Any, count: int = 7) -> list[float]:
    return np.round(list(values), count).tolist()


def test_the_table_of_the_hand_calculation(solved: dict[str, Any]) -> None:
    """The exact values of both epochs and of what comes after them, to the digits that they are known with."""
    first, slopes, second = solved["forward1"](), solved["gradients1"](), solved["epoch2"]()
    path = solved["train_tiny"](*SOURCE, 0.1, 3)
    second_slopes = (np.array(path["w"][0]) - path["w"][1]) / 0.1

    assert digits(first.values(), 10) == [1.3, 2.9, 2.39, 0.9160615681, 0.0070456603]
    assert round(first["p"] * (1 - first["p"]), 10) == 0.0768927715
    assert digits(slopes.values())[:5] == [-0.1678769, 0.0999606, 0.2229890, 0.0384464, 0.0461357]
    assert digits(slopes.values())[5:] == [-0.0193628, -0.0322713, -0.0232353, -0.0387256, -0.0167811, -0.0374347]
    assert digits(solved["updated1"]()) == [0.1019363, 0.2032271, 0.3023235, 0.4038726, 0.5016781, 0.6037435]
    assert digits(second_slopes) == [-0.0181141, -0.0301901, -0.0217993, -0.0363322, -0.0159105, -0.0352203]
    assert digits(second["w"]) == [0.1037477, 0.2062461, 0.3045035, 0.4075058, 0.5032692, 0.6072655]
    assert digits([second["p"], path["p"][1], path["L"][1]], 10) == [0.9190824627, 0.9190824627, 0.0065476478]
    assert digits([path["p"][2], path["L"][2]]) == [0.9218455, 0.0061081]


@pytest.mark.parametrize(("lr", "updates"), [(0.1, 62), (1, 6), (10, 1)])
def test_updates_until_the_loss_is_under_a_thousandth(solved: dict[str, Any], lr: float, updates: int) -> None:
    """A hundred times the learning rate is still stable here, and one step is enough."""
    losses = solved["train_tiny"](*SOURCE, lr, 70)["L"]

    assert next(n for n, loss in enumerate(losses) if loss < 1e-3) == updates
    if lr == 0.1:
        assert solved["converged"]() == {"converged": False, "epochs_to_1e-3": updates}


TOLERANCES = np.array([1e-9, 1e-3, 5e-5, 5e-4, 5e-6, 5e-5, 5e-5])
BANDS = np.array([1e-6, 0, 1e-4, 0, 6e-4, 5e-4, 8e-4])
OFF_BY = """
_tables = forward1(), gradients1(), updated1(), epoch2()
def _off(table): return {{name: value + _by[name] for name, value in table.items()}}
_by = dict.fromkeys(["h1", "h2", "z"], {0}) | dict.fromkeys(["p", "dL_dp", "dp_dw5", "dp_dw6"], {1}) | {{"L": {2}}}
_by |= dict.fromkeys(["dp_dh1", "dp_dh2"], {3}) | dict.fromkeys([f"dL_dw{{n}}" for n in range(1, 7)], {4})
def forward1(): return _off(_tables[0])
def gradients1(): return _off(_tables[1])
def updated1(): return [weight + {5} for weight in _tables[2]]
def epoch2(): return {{"p": _tables[3]["p"] - {1}, "w": [weight - {6} for weight in _tables[3]["w"]]}}
"""


@pytest.mark.parametrize(
    ("distances", "points"),
    [
        (0.98 * TOLERANCES, (8, 12, 8, 12)),
        (0.98 * BANDS, (8 - 3 / 4 - 1.5 / 5 - 1.75 / 4, 12 - 6 / 4, 8 * 0.75, 3 + 9 * 0.75)),
        (1.02 * np.maximum(TOLERANCES, BANDS), (1.2, 0, 0, 0)),  # z still follows from h1 and h2, within a millionth
    ],
    ids=["right", "rounded", "neither"],
)
def test_tolerances_and_bands(verifier: Verifier, distances: Any, points: tuple[float, ...]) -> None:
    """Just inside of every tolerance is right, just inside of every band is rounded, just outside is nothing."""
    by_part = earned(verifier, OFF_BY.format(*distances.tolist()))

    assert [float(by_part[part]) for part in ("q2a", "q2b", "q2c", "q2d")] == list(points)


def test_the_sheet_of_the_source(verifier: Verifier) -> None:
    """Two derivatives exchanged, one weight wrong, four weights that follow, an output that nearly does, no count."""
    points = earned(verifier, SHEET)

    assert points == {
        "q2a": 8,
        "q2b": 12 - Fraction(9, 4),
        "q2c": Fraction(5, 6) * 8,
        "q2d": Fraction(3, 2) + 4 * Fraction(4, 5) * Fraction(3, 2),
        "q2e": Fraction(1, 2),
        "q2f": 10,
    }


def test_a_guess_at_convergence_does_not_pay(verifier: Verifier) -> None:
    """Either word without the number, or with a wrong one, earns under a fifth of q2e."""
    for word, number in itertools.product((True, False), (1, ...)):
        added = f'def converged(): return {{"converged": {word}, "epochs_to_1e-3": {number}}}'.replace(
            "Ellipsis", "..."
        )

        assert earned(verifier, added)["q2e"] < Fraction(3, 5)


TRAININGS = {
    "through net.forward": ("net.forward(images)", "augment(X[rows].numpy(), rng)", ""),
    "augment by keywords in another order": ("net(images)", "augment(rng=rng, x=X[rows].numpy())", ""),
    "decorated": ("net(images)", "augment(X[rows].numpy(), rng)", "@torch.enable_grad()"),
}
TRAINING = """
{decorated}
def train_augmented(net, X, y, augmented, seed):
    optimizer, rng = torch.optim.Adam(net.parameters()), np.random.default_rng(seed)
    net.train()
    losses = []
    for _ in range(2):
        losses.append(0.0)
        for rows in torch.randperm(len(X)).split(16):
            images = torch.from_numpy({augment}) if augmented else X[rows]
            loss = F.cross_entropy({forward}, y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses[-1] += loss.item() * len(rows) / len(X)
    return losses
"""


@pytest.mark.parametrize("form", TRAININGS)
def test_a_training_is_watched_however_it_is_written(form: str) -> None:
    """What goes through the network and through augment is seen, whoever calls them and how."""
    question = HW4.question("q3")
    forward, augment, decorated = TRAININGS[form]
    added = TRAINING.format(forward=forward, augment=augment, decorated=decorated)
    files = {question.source.name: f"{question.source.read_text(encoding='utf-8')}\n\n{added}".encode()}
    with closing(Verifier(ROOT, "hw4", trusted=True, questions=[question.id])) as verifier:
        asked = [check for check in verifier.checks if "test_augmentation_is_fresh" in check.id]

        verdict = verifier.grade(Submission("somebody", "", files), 0, only=asked)

    assert isinstance(verdict, Verdict), verdict
    assert [(finding.share, finding.message.en) for finding in verdict.findings if finding.share != 1] == []
    assert len(asked) == len(verdict.findings) == 1
