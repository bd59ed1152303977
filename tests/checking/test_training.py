"""Trainings: the student's code trains, the weights alone go on, and the grader measures in a fresh process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from grader.authoring.stub import stub_of
from grader.checking.verifier import Verifier
from grader.course import find_course
from grader.errors import CourseError
from grader.records import Outcome, Submission, Verdict
from tests.checking.verdicts import outcomes
from tests.processes import below, ended, told_apart
from tests.sample_course import copied_with
from tests.workers import CARD

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
@needs(minutes=0.2, threads=1, gpu=True)
def test_accuracy(submission, draw):
    """Unseen points are told apart."""
    net = trained(submission.build, submission.train, clouds(draw("seen"), 64), train_args=(0.5,))
    assert net.accuracy(clouds(draw("unseen"), 40)) == reached({0.8: 0.5, 0.95: 1})


@points(1, part="q3b")
@needs(minutes=0.2, threads=1, gpu=True)
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
    return copied_with(tmp_path_factory.mktemp("clouds") / "course", "q3_clouds", QUESTION, CHECKS, ENTRY)


@pytest.fixture(scope="module")
def clouds(folder: Path) -> Iterator[Verifier]:
    started = Verifier(folder, "hw1", trusted=True, questions=["q3_clouds"])
    yield started
    started.close()


def graded(clouds: Verifier, added: str = "", student: str = "s1") -> Verdict:
    verdict = clouds.grade(Submission(student, "", {"q3_clouds.py": f"{QUESTION}\n\n{added}".encode()}), 0)
    assert isinstance(verdict, Verdict), verdict
    return verdict


def test_what_trains_well_earns_everything(clouds: Verifier) -> None:
    """Both checks pass, on one training; its log says seed, threads, losses and accuracy."""
    verdict = graded(clouds)

    assert outcomes(verdict) == ["passed"] * 3
    (log,) = verdict.trainings
    assert (log["part"], log["threads"], log["device"], len(log["losses"])) == ("q3b", 1, "cpu", 40)
    assert log["network"] == "build(), train(0.5)"
    assert [(entry["rows"], entry["trained_on"]) for entry in log["accuracies"]] == [(40, False)]
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
    assert accuracy.message.en.endswith("% of the rows. Points begin at 80 %; 95 % earns everything.")
    assert losses.message.en == "The loss does not fall."


CHEATS = {
    "weights of another network": (
        "def train(net, rate, X, y, seed):\n    net.extra = torch.nn.Linear(2, 2)\n    return [1.0, 0.5]\n",
        "failed",
        "The weights do not fit the network that was built: the tensor extra.",
    ),
    "no network at all": (
        "def build():\n    return 'a network'\n",
        "failed",
        "build must return a torch.nn.Module.",
    ),
    "a training that raises": (
        "def train(net, rate, X, y, seed):\n    raise RuntimeError('out of luck')\n",
        "crashed",
        "out of luck",
    ),
    "a training that yields a pair": (
        "def train(net, rate, X, y, seed):\n    yield 1, 0.5\n",
        "crashed",
        "yield one number, the mean loss of the epoch; this was a tuple",
    ),
    "a training that gives up waiting": (
        "def train(net, rate, X, y, seed):\n    raise TimeoutError('nobody answers')\n",
        "crashed",
        "Your code raised TimeoutError: nobody answers",
    ),
    "a training that ends its process": (
        "def train(net, rate, X, y, seed):\n    import os\n    os._exit(0)\n",
        "crashed",
        "Your code ended the process it ran in",
    ),
    "a training that is not written": (
        "def train(net, rate, X, y, seed):\n    raise NotImplementedError\n",
        "unwritten",
        "Not written yet.",
    ),
    "logits of another shape": (
        "class Flat(torch.nn.Linear):\n    def forward(self, x):\n        return super().forward(x).flatten()\n\n\n"
        "def build():\n    return Flat(2, 2)\n\n\ndef train(net, rate, X, y, seed):\n    return [1.0, 0.5]\n",
        "failed",
        "The trained network must map n rows to an array of shape (n, classes).",
    ),
    "more classes than anybody counts": (
        "class Wide(torch.nn.Linear):\n    def forward(self, x):\n        return torch.zeros(len(x), 10_001)\n\n\n"
        "def build():\n    return Wide(2, 2)\n\n\ndef train(net, rate, X, y, seed):\n    return [1.0, 0.5]\n",
        "failed",
        "The trained network must map n rows to an array of shape (n, classes).",
    ),
}


@pytest.mark.parametrize("case", CHEATS)
def test_what_is_no_training_is_an_outcome_with_one_sentence(clouds: Verifier, case: str) -> None:
    """Whatever `train` does, the check ends with the student's own fault and no points."""
    added, outcome, sentence = CHEATS[case]

    finding = graded(clouds, added).findings[0]

    assert (str(finding.outcome), finding.share) == (outcome, 0)
    assert finding.message.en.count("\n") == 0
    assert sentence in finding.message.en


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

    assert isinstance(verdict, Verdict), verdict
    assert [finding.check.id for finding in verdict.findings] == ["test_shape"]
    assert verdict.trainings == ()


def test_the_stub_is_unwritten_and_trains_nothing(clouds: Verifier, folder: Path) -> None:
    """No minute is spent on who has not begun."""
    stub = stub_of(find_course(folder).assignment("hw1").question("q3").source)
    verdict = clouds.grade(Submission("s1", "", {"q3_clouds.py": stub.encode()}), 0)

    assert isinstance(verdict, Verdict), verdict
    assert outcomes(verdict) == ["unwritten"] * 3
    assert verdict.trainings == ()


def of_trainings(started: Verifier) -> list[str]:
    """What is remarked on trainings; what else this machine does not give, other tests look at."""
    return [remark for remark in started.remarks if remark.startswith("Trainings ")]


def test_a_card_that_no_worker_can_use_is_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`auto` says why and trains on the CPU, `cuda` refuses, and `cpu` does not look."""
    monkeypatch.setattr("grader.checking.verifier.nodes", lambda: (CARD,))
    told = {}
    for device in ("auto", "cpu"):
        with closing(Verifier(folder, "hw1", trusted=True, device=device, questions=["q3_clouds"])) as started:
            told[device] = (started.gpu, started.on_gpu, *of_trainings(started))
            (log,) = graded(started).trainings
            assert log["device"] == "cpu"
            assert "broke_off" not in log

    assert told["auto"][:2] == told["cpu"][:2] == ("", 0)
    assert told["auto"][2].startswith("Trainings run on the CPU: a worker cannot compute on it (")
    assert len(told["cpu"]) == 2
    with pytest.raises(CourseError, match=r"^--device cuda: a worker cannot compute on it .* see `grader doctor`\.$"):
        Verifier(folder, "hw1", trusted=True, device="cuda", questions=["q3_clouds"])


def test_a_run_that_does_not_train_takes_no_card(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its nursery, which began to warm up before anybody knew, is gone; nothing is said of a card."""
    monkeypatch.setattr("grader.checking.verifier.nodes", lambda: (CARD,))
    with closing(Verifier(folder, "hw1", trusted=True, device="auto", questions=["q1_rows"])) as started:
        family = below(started._process.pid, at_least=1)
        beside = told_apart(family, lambda words: words.endswith(f"{CARD}\0".encode()))

        assert (started.gpu, of_trainings(started)) == ("", [])
        assert ended(beside)
