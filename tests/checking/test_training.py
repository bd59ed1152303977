"""Trainings: the student's code trains, the weights alone go on, and the grader measures in a fresh process."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.stub import stub_of
from grader.checking import ledger
from grader.checking.training import reached, trained
from grader.checking.verifier import Verifier
from grader.course import find_course
from grader.records import Outcome, Submission, Verdict
from tests.sample_course import copied

QUESTION = '''"""Two clouds of points."""

import torch


def build():
    """q3a: a network from (n, 2) to logits (n, 2)."""
    # BEGIN SOLUTION
    return torch.nn.Linear(2, 2)
    # END SOLUTION


def train(net, rate, X, y, seed):
    """q3b: train net in place; the list of losses."""
    # BEGIN SOLUTION
    torch.manual_seed(seed)
    optimiser, losses = torch.optim.SGD(net.parameters(), rate), []
    for _ in range(40):
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(X), y)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses
    # END SOLUTION
'''
CHECKS = '''"""Two clouds that a straight line parts."""

import numpy as np

from grader import needs, points, reached, trained


def clouds(numbers, n):
    y = numbers.integers(0, 2, n)
    X = numbers.normal(scale=0.3, size=(n, 2)) + np.where(y, 2.0, -2.0)[:, None]
    return X.astype("float32"), y


@points(2, part="q3b")
@needs(minutes=0.2, threads=1)
def test_accuracy(submission, draw):
    """Unseen points are told apart."""
    net = trained(submission.build, submission.train, clouds(draw("seen"), 64), train_args=(0.5,))
    assert net.accuracy(clouds(draw("unseen"), 40)) == reached({0.8: 0.5, 0.95: 1})


@points(1, part="q3b")
@needs(minutes=0.2, threads=1)
def test_losses(submission, draw):
    """The loss falls."""
    net = trained(submission.build, submission.train, clouds(draw("seen"), 64), train_args=(0.5,))
    assert net.losses[-1] < net.losses[0], "The loss does not fall."


@points(1, part="q3a")
def test_shape(submission):
    """Two logits a row."""
    assert submission.build()(np.zeros((3, 2), "float32")).shape == (3, 2)
'''
ENTRY = """
[question.q3_clouds]
title = { en = "Clouds", fa = "ابرها" }
parts."q3a" = { en = "Build", fa = "ساختن" }
parts."q3b" = { en = "Train", fa = "آموزش" }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample course with a third question, which trains."""
    root = copied(tmp_path_factory.mktemp("clouds") / "course")
    home = root / "solutions" / "hw1"
    (home / "q3_clouds.py").write_text(QUESTION, encoding="utf-8")
    (home / "test_q3_clouds.py").write_text(CHECKS, encoding="utf-8")
    table = (home / "assignment.toml").read_text(encoding="utf-8").replace('"q2_table"]', '"q2_table", "q3_clouds"]')
    (home / "assignment.toml").write_text(table + ENTRY, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def clouds(folder: Path) -> Iterator[Verifier]:
    started = Verifier(folder, "hw1", trusted=True, questions=["q3_clouds"])
    yield started
    started.close()


def graded(clouds: Verifier, added: str = "", student: str = "s1") -> Verdict:
    verdict = clouds.grade(Submission(student, "", {"q3_clouds.py": f"{QUESTION}\n\n{added}".encode()}), 0)
    assert verdict is not None
    return verdict


def test_what_trains_well_earns_everything(clouds: Verifier) -> None:
    """Both checks pass, on one training; its log says seed, threads, losses and accuracy."""
    verdict = graded(clouds)

    assert [str(f.outcome) for f in verdict.findings] == ["passed"] * 3
    (log,) = verdict.trainings
    assert (log["part"], log["threads"], log["device"], len(log["losses"])) == ("q3b", 1, "cpu", 40)
    assert [entry["rows"] for entry in log["accuracies"]] == [40]
    assert log["accuracies"][0]["accuracy"] > 0.95


def test_a_regrade_trains_alike(clouds: Verifier) -> None:
    """The same secret seed, the same losses to the last digit, the same accuracy."""
    first, second = (graded(clouds).trainings[0] for _ in range(2))

    assert {k: v for k, v in first.items() if k != "seconds"} == {k: v for k, v in second.items() if k != "seconds"}


def test_seeds_are_the_student_s_own(clouds: Verifier) -> None:
    """Nobody can try seeds at home until one is lucky."""
    assert graded(clouds, student="s1").trainings[0]["seed"] != graded(clouds, student="s2").trainings[0]["seed"]


def test_a_network_that_learns_nothing_is_told_its_accuracy(clouds: Verifier) -> None:
    """Below every bar: no points, and the student reads what was reached."""
    verdict = graded(
        clouds, "def train(net, rate, X, y, seed):\n    torch.nn.init.zeros_(net.weight)\n    return [1.0, 1.0]\n"
    )
    accuracy, losses, _ = verdict.findings

    assert (accuracy.outcome, accuracy.share) == (Outcome.FAILED, 0)
    assert "% of the rows; 95 % earns everything" in accuracy.message.en
    assert losses.message.en == "The loss does not fall."


CHEATS = {
    "weights of another network": (
        "def train(net, rate, X, y, seed):\n    net.extra = torch.nn.Linear(2, 2)\n    return [1.0, 0.5]\n",
        "failed",
    ),
    "no network at all": ("def build():\n    return 'a network'\n", "failed"),
    "a training that raises": ("def train(net, rate, X, y, seed):\n    raise RuntimeError('out of luck')\n", "crashed"),
    "a training that ends its process": (
        "def train(net, rate, X, y, seed):\n    import os\n    os._exit(0)\n",
        "crashed",
    ),
    "a training that is not written": (
        "def train(net, rate, X, y, seed):\n    raise NotImplementedError\n",
        "unwritten",
    ),
    "logits of another shape": (
        "class Flat(torch.nn.Linear):\n    def forward(self, x):\n        return super().forward(x).flatten()\n\n\n"
        "def build():\n    return Flat(2, 2)\n\n\ndef train(net, rate, X, y, seed):\n    return [1.0, 0.5]\n",
        "failed",
    ),
}


@pytest.mark.parametrize("case", CHEATS)
def test_what_is_no_training_is_an_outcome_with_one_sentence(clouds: Verifier, case: str) -> None:
    """Whatever `train` does, the check ends with the student's own fault and no points."""
    added, outcome = CHEATS[case]

    finding = graded(clouds, added).findings[0]

    assert (str(finding.outcome), finding.share) == (outcome, 0)
    assert finding.message.en.count("\n") == 0
    assert finding.message.en


def test_nothing_but_weights_reaches_the_measuring(clouds: Verifier) -> None:
    """What the training noted beside the network is gone where the accuracy is measured: a fresh process."""
    remembers = (
        "NOTED = []\n\n\nclass Sly(torch.nn.Linear):\n    def forward(self, x):\n"
        "        known = torch.stack([-x[:, 0], x[:, 0]], 1)  # parts the clouds without any weight\n"
        "        return known if NOTED else 0 * known\n\n\n"
        "def build():\n    return Sly(2, 2)\n\n\n"
        "def train(net, rate, X, y, seed):\n    NOTED.append(1)\n    return [1.0, 0.5]\n"
    )

    assert graded(clouds, remembers).findings[0].share == 0


def test_a_verdict_on_some_checks_leaves_the_others_out(clouds: Verifier) -> None:
    """An author who tries a mistake in another part does not wait for a training."""
    short = [check for check in clouds.checks if not check.minutes]
    verdict = clouds.grade(Submission("s1", "", {"q3_clouds.py": QUESTION.encode()}), 0, only=short)

    assert verdict is not None
    assert [finding.check.id for finding in verdict.findings] == ["test_shape"]
    assert verdict.trainings == ()


def test_the_stub_is_unwritten_and_trains_nothing(clouds: Verifier, folder: Path) -> None:
    """No minute is spent on who has not begun."""
    stub = stub_of(find_course(folder).assignment("hw1").question("q3").source)
    verdict = clouds.grade(Submission("s1", "", {"q3_clouds.py": stub.encode()}), 0)

    assert verdict is not None
    assert [str(f.outcome) for f in verdict.findings] == ["unwritten"] * 3
    assert verdict.trainings == ()


@pytest.mark.parametrize(
    ("accuracy", "share"), [(0.59, None), (0.6, "1/3"), (0.7, "2/3"), (0.79, "2/3"), (0.8, "1"), (1.0, "1")]
)
def test_a_bar_that_is_reached_counts(accuracy: float, share: str | None) -> None:
    """At the bar is over the bar; the highest one counts."""
    with ledger.opened() as book:
        right = accuracy == reached({0.80: 1, 0.60: 2 / 6, 0.70: 4 / 6})

    assert right is (share is not None)
    assert book.shares == ([Fraction(share)] if share else [])
    assert bool(book.texts) is (share != "1")


def test_something_that_is_no_accuracy_reaches_nothing() -> None:
    """A text is no number."""
    assert reached({0.8: 1}) != "0.9"


def test_bars_are_asked_for() -> None:
    """`reached({})` is the author's slip."""
    with pytest.raises(ValueError, match="at least one bar was asked"):
        reached({})


def test_a_training_outside_of_checks_is_refused() -> None:
    """There is no student, no seed and no worker to train in."""
    nobody = type("Nobody", (), {"name": "build"})()
    net = trained(nobody, nobody, (np.zeros((1, 2)), np.zeros(1, np.int64)))

    with pytest.raises(RuntimeError, match="in a hidden check only"):
        _ = net.losses
