"""What a training gives its checks: losses, predictions and accuracies, each worked out once."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from grader.checking.training import confusion, trained
from grader.checking.training_context import opened
from grader.errors import CourseError
from grader.sandbox.memory import INLINE_LIMIT, keep
from grader.sandbox.worker import LOSSES_KEPT
from tests.checking.training_contexts import Here

DRAWN = """
class Turned(torch.nn.Linear):
    def __init__(self):
        super().__init__(2, 2)
        self.turned = torch.randn(2)

    def forward(self, x):
        return super().forward(x * self.turned)


def build():
    return Turned()


def drawn(net, X, y, seed):
    first = net.weight.sum().item()
    return [first, *train(net, X, y, seed)]
"""


def test_a_training_may_yield_its_losses() -> None:
    """They count as if they were returned, and are told on the way with the lines that it prints, made harmless."""
    here = Here()

    with opened(here.context):
        assert len(here.net.losses) == 40
    assert here.told[0]["part"] == "q3b"
    assert {"epoch 1, loss", "epoch 39 [2J"} <= {" ".join(told.get("said", "").split()[:3]) for told in here.told}
    assert list(here.told[-1]) == ["part", "ended"]


def test_predictions_come_in_the_order_of_the_rows() -> None:
    """The secret order of asking is undone; the confusion matrix counts right classes down, named ones across."""
    here = Here()
    X, y = here.rows

    with opened(here.context):
        named = here.net.predictions(X)
        assert (named == y).all()
        assert here.net.confusion((X, y)).tolist() == [[30, 0], [0, 30]]
        assert here.net.confusion((X, 1 - y)).tolist() == [[0, 30], [30, 0]]
        assert here.net.accuracy((X, y)) == 1


def test_rows_are_predicted_by_the_worker_that_was_asked_for_their_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """One worker for all of them: on a GPU each new one starts the driver."""
    monkeypatch.setattr("grader.checking.training.copies_of", lambda x, numbers: {"shifted": x + 0.01, "flipped": -x})
    here = Here()
    asked = len(here.devices)

    with opened(here.context):
        assert here.net.accuracy(here.rows) == 1
    assert len(here.devices) - asked == 2  # who trains, who predicts
    (entry,) = here.context.log[0]["accuracies"]
    assert entry["copies"] == {"plain": 1, "shifted": 1, "flipped": 0}


def test_a_data_set_is_read_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often checks ask after the same rows; rows that a check makes for itself are read each time."""
    here, read = Here(), []
    X, y = here.rows
    times = 1 + INLINE_LIMIT // X.nbytes
    rows = keep(np.tile(X, (times, 1))), keep(np.tile(y, times))
    crc32 = zlib.crc32
    monkeypatch.setattr("grader.checking.fingerprint.zlib.crc32", lambda data: read.append(data.nbytes) or crc32(data))

    with opened(here.context):
        assert here.net.accuracy(rows) == here.net.accuracy(rows) == 1
    assert read.count(rows[0].nbytes) == 2  # the points and, of as many bytes, their labels
    assert read.count(X.nbytes) > 2


def test_the_same_rows_with_other_labels_are_another_measurement_and_another_training() -> None:
    """Nothing that was found under some labels is taken for an answer under others."""
    here = Here()
    X, y = here.rows
    net = here.net
    other = trained(net._spec.build, net._spec.train, (X, 1 - y))

    with opened(here.context):
        assert net.accuracy((X, y)) == 1
        assert net.accuracy((X, 1 - y)) == 0
        assert other.accuracy((X, 1 - y)) == 1
    assert len(here.context.log) == 2


def test_every_run_begins_with_first_weights_of_its_own() -> None:
    """And the network that predicts is built as the one that was trained: what it draws for itself is the same."""
    here = Here("drawn", added=DRAWN)

    with opened(here.context):
        accuracy = here.net.accuracy(here.rows)
        assert accuracy.again(1) == accuracy == 1
    first, second = (log["losses"] for log in here.context.log)
    assert first != second


@pytest.mark.parametrize(
    ("returned", "losses"),
    [
        ("(1.0, 0.5)", [1.0, 0.5]),
        ("torch.tensor([1.0, 0.5], requires_grad=True)", [1.0, 0.5]),
        ("[torch.tensor(1.0), torch.tensor([0.5])]", [1.0, 0.5]),
        ("np.array([1, 0.5], np.float32)", [1.0, 0.5]),
        ("map(float, [1.0, 0.5])", [1.0, 0.5]),
        ("(net, [1.0, 0.5])", [1.0, 0.5]),
        ("[[1.0, 0.5], [0.25]]", [1.0, 0.5, 0.25]),
        ("[1.0] * 300_000", [1.0] * LOSSES_KEPT),
        ("(np.zeros((300, 300, 300), np.uint8), 1.0)", [0.0] * LOSSES_KEPT),
        ("[10**400, 'low', None]", []),
        ("net", []),
        ("None", []),
        ("{'loss': [1.0]}", []),
    ],
)
def test_losses_may_be_returned_as_whatever_holds_numbers(returned: str, losses: list[float]) -> None:
    """A list is asked; an array or a tensor is none the worse, and what is no number costs nobody their training."""
    here = Here("answering", added=f"import numpy as np\ndef answering(net, X, y, seed):\n    return {returned}\n")

    with opened(here.context):
        assert here.net.losses == losses


def test_losses_that_are_not_finite_are_null_in_the_run_file() -> None:
    """Checks see them as they are; JSON has no word for them."""
    here = Here("far", added="def far(net, X, y, seed):\n    return [1.0, float('inf'), float('nan')]\n")

    with opened(here.context):
        assert here.net.losses[:2] == [1.0, float("inf")]
    assert here.context.log[0]["losses"] == [1.0, None, None]


def test_confusion_has_a_row_for_every_class_that_occurs() -> None:
    """A class that is never right, one that is never named."""
    assert confusion(np.array([0, 0, 2]), np.array([0, 1, 1])).tolist() == [[1, 1, 0], [0, 0, 0], [0, 1, 0]]


def test_a_further_run_that_breaks_off_is_noted() -> None:
    """It decides nothing, and whoever reads the run file sees why there is no accuracy."""
    begun = "RUNS = []\ndef once(net, X, y, seed):\n    RUNS.append(seed)\n"
    here = Here("once", added=f"{begun}    return [1 / (2 - len(RUNS)), *train(net, X, y, seed)]\n")

    with opened(here.context):
        accuracy = here.net.accuracy(here.rows)
        assert accuracy.again(1) is None
    assert accuracy.entry["broke"].startswith("run 2: ")


def test_one_training_is_not_asked_for_in_two_ways() -> None:
    """Whoever asked first would decide how it is audited."""
    here = Here()
    other = trained(here.net._spec.build, here.net._spec.train, here.rows, ordered=True)

    with opened(here.context):
        assert here.net.accuracy(here.rows) == 1
        with pytest.raises(CourseError, match="trained once, and was asked for with other"):
            _ = other.losses


def test_labels_may_be_lists() -> None:
    """What a check writes out by hand is as good as an array."""
    here = Here()
    X, y = here.rows
    net = trained(here.net._spec.build, here.net._spec.train, (X, y.tolist()))  # type: ignore[arg-type]

    with opened(here.context):
        assert net.accuracy((X, y.tolist())) == 1  # type: ignore[arg-type]
