"""What is looked at beside the mark: a training under other names, and whether the network is carried."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from grader.checking import ledger
from grader.checking.bars import reached
from grader.checking.training import trained
from grader.checking.training_context import opened
from tests.checking.training_contexts import Here


def test_the_audit_is_no_run_that_decides() -> None:
    """It has a seed of its own and learns other names; a further seed has another seed again."""
    here = Here()
    here.context.audits = lambda handed_in: True

    with opened(here.context):
        accuracy = here.net.accuracy(here.rows)
        accuracy.audit()
        accuracy.audit()
        assert accuracy.again(1) == 1
    assert [log["run"] for log in here.context.log] == ["run 1", "audit", "run 2"]
    assert len({log["seed"] for log in here.context.log}) == 3
    assert accuracy.entry["renamed"] == {"plain": 1.0, "accuracy": 1.0}


CORNERS = """
SEEN = []


def build():
    return torch.nn.Linear(2, 4)


def noting(net, X, y, seed):
    SEEN.append(y)
    return train(net, X, y, seed)
"""


def corners() -> tuple[Here, Any]:
    """A context whose trainings are audited, and four clouds with their labels."""
    here = Here("noting", added=CORNERS)
    here.context.audits = lambda handed_in: True
    y = np.arange(60) % 4
    places = np.array([[2, 2], [2, -2], [-2, 2], [-2, -2]])
    return here, ((places[y] + np.random.default_rng(0).normal(scale=0.3, size=(60, 2))).astype("float32"), y)


def test_the_audit_of_two_parts_has_one_training_and_its_names() -> None:
    """Another part draws other names for the labels; the network has learnt those of the first."""
    here, (X, y) = corners()
    other = replace(here.context, part="q3c", draw=lambda name: np.random.default_rng(7 + sum(name.encode())))
    net = trained(here.net._spec.build, here.net._spec.train, (X, y))

    with opened(here.context):
        net.accuracy((X, y)).audit()
    with opened(other):
        accuracy = net.accuracy((X[::2], y[::2]))
        accuracy.audit()
    assert [log["run"] for log in here.context.log] == ["run 1", "audit"]
    assert accuracy.entry["renamed"] == {"plain": 1.0, "accuracy": 1.0}


@pytest.mark.parametrize("ordered", [False, True])
def test_grades_are_renamed_in_their_order(ordered: bool) -> None:
    """The audit's training gets them counted from the other end; classes without an order get names that are drawn."""
    here, (X, y) = corners()
    net = trained(here.net._spec.build, here.net._spec.train, (X, y), ordered=ordered)

    with opened(here.context):
        net.accuracy((X, y)).audit()
    first, audit = (labels.tolist() for labels in here.module.SEEN)
    assert first == y.tolist()
    assert (audit == (3 - y).tolist()) is ordered
    assert all(one != other for one, other in zip(first, audit, strict=True))


ATTRIBUTE = """
class Scaled(torch.nn.Linear):
    def __init__(self):
        super().__init__(2, 2)
        self.scale = 0.0

    def forward(self, x):
        return super().forward(x) * self.scale


def build():
    return Scaled()


def scaling(net, X, y, seed):
    net.scale = 1.0
    return list(train(net, X, y, seed))
"""


def test_whoever_trains_what_is_not_carried_is_told() -> None:
    """A plain attribute is lost on the way to the measurement: beside the low accuracy its student reads why."""
    here = Here("scaling", added=ATTRIBUTE)

    with opened(here.context), ledger.opened() as book:
        passed = here.net.accuracy(here.rows) == reached({0.9: 1})
    assert not passed
    assert here.context.log[0]["accuracies"][0]["carried"] == 0.5
    assert "the same class as after its training for 50.00 % of the rows" in book.texts[0].en


def test_whoever_learns_nothing_is_not_told_of_what_is_carried() -> None:
    """The network is the one that was trained; that it predicts badly is another matter."""
    here = Here("idle", added="def idle(net, X, y, seed):\n    net.weight.data.zero_()\n    return [1.0, 1.0]\n")

    with opened(here.context), ledger.opened() as book:
        passed = here.net.accuracy(here.rows) == reached({0.9: 1})
    assert not passed
    assert here.context.log[0]["accuracies"][0]["carried"] == 1
    assert "Built anew" not in book.texts[0].en


ASIDE = """
def build():
    net = torch.nn.Linear(2, 2)
    net.weight.data.zero_()
    net.bias.data.zero_()
    return net


def copying(net, X, y, seed):
    return list(train(torch.nn.Linear(2, 2), X, y, seed))


def diverging(net, X, y, seed):
    net.weight.data.fill_(float("nan"))
    return [1.0, float("nan")]


def changing(net, X, y, seed):
    return list(train(net, -X, y, seed))
"""


@pytest.mark.parametrize(
    ("train", "told"),
    [
        ("copying", "The training left the network as it was"),
        ("diverging", "Its losses end in NaN or in infinity"),
        ("changing", "has to be done inside the network"),
    ],
)
def test_whoever_trains_past_the_network_reads_how(train: str, told: str) -> None:
    """A copy is trained, or in steps too large, or on rows that the training has changed: the accuracy tells none."""
    here = Here(train, added=ASIDE)

    with opened(here.context), ledger.opened() as book:
        passed = here.net.accuracy(here.rows) == reached({0.9: 1})
    assert not passed
    assert told in book.texts[0].en


def test_whoever_learns_a_little_reads_the_accuracy_alone() -> None:
    """Losses that fell and rows that are partly known, or losses in another unit: nothing is said that may be wrong."""
    clumsy = ASIDE + "def clumsy(net, X, y, seed):\n    net.bias.data[0] = 1.0\n    return {losses}\n"
    for losses in ([0.7, 0.69], [0.011, 0.0108], []):
        here = Here("clumsy", added=clumsy.format(losses=losses))

        with opened(here.context), ledger.opened() as book:
            passed = here.net.accuracy(here.rows) == reached({0.9: 1})
        assert not passed
        assert book.texts[0].en.endswith("that earns everything.")
