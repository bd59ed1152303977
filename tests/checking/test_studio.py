"""Where a check trains: in this process here, with the trained network of a module in it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from grader.checking import ledger
from grader.checking.bars import reached
from grader.checking.bench import WRAP
from grader.checking.declared import Declared
from grader.checking.studio import Studio, opened
from grader.checking.training import confusion, trained
from grader.errors import CourseError
from grader.records import Text
from grader.sandbox.faults import Crashed, TooLong, Ungraded
from grader.sandbox.limits import Limits
from grader.sandbox.memory import INLINE_LIMIT, keep
from grader.sandbox.nursery import NAMESPACES
from grader.sandbox.session import Session
from grader.sandbox.submission import Function, Line, OwnDesk
from grader.sandbox.worker import LOSSES_KEPT
from tests.workers import Nurseries


def test_a_training_outside_of_checks_is_refused() -> None:
    """There is no student, no seed and no worker to train in."""
    nobody = type("Nobody", (), {"name": "build"})()
    net = trained(nobody, nobody, (np.zeros((1, 2)), np.zeros(1, np.int64)))

    with pytest.raises(RuntimeError, match="in a hidden check only"):
        _ = net.losses


MODULE = """
import time
import torch

LIVES = [0]


def build():
    return torch.nn.Linear(2, 2)


def train(net, X, y, seed):
    optimiser = torch.optim.SGD(net.parameters(), 0.5)
    for epoch in range(40):
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(X), y)
        loss.backward()
        optimiser.step()
        print(f"epoch {epoch}\\x1b[2J done", flush=True)
        yield loss.item()


def unlucky(net, X, y, seed):
    yield 1.0
    raise RuntimeError("out of luck")
"""
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


class Desk(OwnDesk):
    """A worker without a process of its own; `deaths` of them die in training."""

    def __init__(self, module: ModuleType, deaths: list[str]) -> None:
        super().__init__(module)
        self.deaths = deaths

    def ask(self, request: dict[str, Any], seconds: float, heard: Callable[[Any], None] | None = None) -> Any:
        if heard is None:
            return super().ask(request, seconds)
        if self.deaths:
            how = self.deaths.pop()
            raise TooLong(Text("It hung.")) if how == "too long" else Crashed(Text("It died."), kind=how)
        self.desk.tell = lambda told: heard(told)
        return super().ask(request, seconds)


class Here:
    """A studio in this process, and the trained network of a module in it."""

    def __init__(self, train: str = "train", deaths: tuple[str, ...] = (), added: str = "", **declared: Any) -> None:
        self.module = module = ModuleType("clouds")
        exec(MODULE + added, module.__dict__)
        self.deaths = list(deaths)
        self.told: list[dict[str, Any]] = []
        self.devices: list[str] = []  # that workers were asked for

        def fresh(device: str) -> tuple[Line, Callable[[], object]]:
            self.devices.append(device)
            return Line(Desk(module, self.deaths), 10, WRAP), lambda: None

        self.studio = Studio(
            fresh,
            lambda name: np.random.default_rng(sum(name.encode())),
            Declared(minutes=0.1, threads=1, **declared),
            "q3b",
            tell=self.told.append,
        )
        line = fresh("cpu")[0]
        numbers = np.random.default_rng(0)
        y = np.arange(60) % 2
        X = (numbers.normal(scale=0.3, size=(60, 2)) + np.where(y, 2.0, -2.0)[:, None]).astype("float32")
        self.rows = X, y
        self.net = trained(Function("build", line), Function(train, line), self.rows)


def test_a_training_may_yield_its_losses() -> None:
    """They count as if they were returned, and are told on the way with the lines that it prints, made harmless."""
    here = Here()

    with opened(here.studio):
        assert len(here.net.losses) == 40
    assert here.told[0]["part"] == "q3b"
    assert {"epoch 1, loss", "epoch 39 [2J"} <= {" ".join(told.get("said", "").split()[:3]) for told in here.told}
    assert list(here.told[-1]) == ["part", "ended"]


def test_predictions_come_in_the_order_of_the_rows() -> None:
    """The secret order of asking is undone; the confusion matrix counts right classes down, named ones across."""
    here = Here()
    X, y = here.rows

    with opened(here.studio):
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

    with opened(here.studio):
        assert here.net.accuracy(here.rows) == 1
    assert len(here.devices) - asked == 2  # who trains, who predicts
    (entry,) = here.studio.log[0]["accuracies"]
    assert entry["copies"] == {"plain": 1, "shifted": 1, "flipped": 0}


def test_a_data_set_is_read_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often checks ask after the same rows; rows that a check makes for itself are read each time."""
    here, read = Here(), []
    X, y = here.rows
    times = 1 + INLINE_LIMIT // X.nbytes
    rows = keep(np.tile(X, (times, 1))), keep(np.tile(y, times))
    crc32 = zlib.crc32
    monkeypatch.setattr("grader.checking.fingerprint.zlib.crc32", lambda data: read.append(data.nbytes) or crc32(data))

    with opened(here.studio):
        assert here.net.accuracy(rows) == here.net.accuracy(rows) == 1
    assert read.count(rows[0].nbytes) == 2  # the points and, of as many bytes, their labels
    assert read.count(X.nbytes) > 2


def test_the_same_rows_with_other_labels_are_another_measurement_and_another_training() -> None:
    """Nothing that was found under some labels is taken for an answer under others."""
    here = Here()
    X, y = here.rows
    net = here.net
    other = trained(net._build, net._train, (X, 1 - y))

    with opened(here.studio):
        assert net.accuracy((X, y)) == 1
        assert net.accuracy((X, 1 - y)) == 0
        assert other.accuracy((X, 1 - y)) == 1
    assert len(here.studio.log) == 2


def test_every_run_begins_with_first_weights_of_its_own() -> None:
    """And the network that predicts is built as the one that was trained: what it draws for itself is the same."""
    here = Here("drawn", added=DRAWN)

    with opened(here.studio):
        accuracy = here.net.accuracy(here.rows)
        assert accuracy.again(1) == accuracy == 1
    first, second = (log["losses"] for log in here.studio.log)
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

    with opened(here.studio):
        assert here.net.losses == losses


def test_losses_that_are_not_finite_are_null_in_the_run_file() -> None:
    """Checks see them as they are; JSON has no word for them."""
    here = Here("far", added="def far(net, X, y, seed):\n    return [1.0, float('inf'), float('nan')]\n")

    with opened(here.studio):
        assert here.net.losses[:2] == [1.0, float("inf")]
    assert here.studio.log[0]["losses"] == [1.0, None, None]


def test_confusion_has_a_row_for_every_class_that_occurs() -> None:
    """A class that is never right, one that is never named."""
    assert confusion(np.array([0, 0, 2]), np.array([0, 1, 1])).tolist() == [[1, 1, 0], [0, 0, 0], [0, 1, 0]]


def test_over_its_time_a_training_that_yields_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the question says so, what it has reached counts; where not, one sentence says how long it may take."""
    monkeypatch.setattr("grader.checking.training.LEAST_SECONDS", 0.0)
    monkeypatch.setattr("grader.checking.training.SECONDS_A_MINUTE", 0.0)

    counts = Here(unfinished=True)
    with opened(counts.studio):
        assert len(counts.net.losses) == 1
        assert counts.net.accuracy(counts.rows) > 0.5

    counts_not = Here()
    with (
        opened(counts_not.studio),
        pytest.raises(Crashed, match="stopped after 0 min, which is as long as it may take"),
    ):
        _ = counts_not.net.losses


def test_a_deadline_is_told_as_the_training_s_own() -> None:
    """Whoever never comes back reads of minutes and epochs, not of a call."""
    here = Here(deaths=("too long",))

    with opened(here.studio), pytest.raises(Crashed, match="stopped after 1 min,"):
        _ = here.net.losses


def test_what_breaks_off_breaks_off_every_time() -> None:
    """A training that raises half-way is not run again for the next check."""
    here = Here("unlucky")

    with opened(here.studio):
        for _ in range(2):
            with pytest.raises(Crashed):
                _ = here.net.losses
    assert here.studio.log == []


ON_GPU: dict[str, Any] = {"devices": ("cuda", "cpu"), "share": 1024, "gpu": {"name": "a card", "cudnn": 91_900}}


def test_on_a_gpu_it_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trained and asked there alone; the log names the card and what makes its sums the same every time."""
    settled: list[tuple[str, int]] = []
    monkeypatch.setattr("grader.sandbox.worker.settle", lambda *told: settled.append(told))
    monkeypatch.setattr("grader.sandbox.worker.carried", lambda value, device: value)
    here = Here()
    here.studio = replace(here.studio, **ON_GPU)

    with opened(here.studio):
        assert here.net.accuracy(here.rows) == 1
    (log,) = here.studio.log
    assert (log["device"], log["gpu"]) == ("cuda", ON_GPU["gpu"])
    assert "broke_off" not in log
    assert set(here.devices[1:]) == {"cuda"}  # the first is asked for its names by the test
    assert set(settled) == {("cuda", 1024)}


def test_a_further_run_that_breaks_off_is_noted() -> None:
    """It decides nothing, and whoever reads the run file sees why there is no accuracy."""
    begun = "RUNS = []\ndef once(net, X, y, seed):\n    RUNS.append(seed)\n"
    here = Here("once", added=f"{begun}    return [1 / (2 - len(RUNS)), *train(net, X, y, seed)]\n")

    with opened(here.studio):
        accuracy = here.net.accuracy(here.rows)
        assert accuracy.again(1) is None
    assert accuracy.entry["broke"].startswith("run 2: ")


@pytest.mark.skipif(torch.cuda.is_available(), reason="here it would be trained on the card")
def test_what_breaks_off_on_a_gpu_is_done_on_the_cpu() -> None:
    """A card may be full, and whoever has none could not see that their code runs on the CPU alone: nothing is lost."""
    here, plain = Here(), Here()
    here.studio = replace(here.studio, **ON_GPU)

    with opened(here.studio):
        accuracy = here.net.accuracy(here.rows)
    with opened(plain.studio):
        assert accuracy == plain.net.accuracy(plain.rows) == 1
    (log,) = here.studio.log
    assert (log["device"], "gpu" in log) == ("cpu", False)
    assert list(log["broke_off"]) == ["cuda"]
    assert log["losses"] == plain.studio.log[0]["losses"]


def test_the_log_names_where_it_was_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the CPU, after its worker had died on the card, though the card answers when the network is asked."""
    monkeypatch.setattr("grader.sandbox.worker.settle", lambda *told: None)
    monkeypatch.setattr("grader.sandbox.worker.carried", lambda value, device: value)
    here = Here(deaths=("Died",))
    here.studio = replace(here.studio, **ON_GPU)

    with opened(here.studio):
        assert here.net.accuracy(here.rows) == 1
    (log,) = here.studio.log
    assert (log["device"], "gpu" in log, log["broke_off"]) == ("cpu", False, {"cuda": "It died."})
    assert here.devices[1:4] == ["cuda", "cpu", "cuda"]


def test_a_worker_that_cannot_be_had_for_the_gpu_is_had_for_the_cpu() -> None:
    """Its nursery has gone: that is nobody's fault, and the CPU is still there. Where nothing is left, it is ours."""
    here = Here()
    asked = here.studio.fresh

    def gone(device: str) -> tuple[Line, Callable[[], object]]:
        if device == "cuda":
            raise Ungraded(Text("The nursery has gone."))
        return asked(device)

    here.studio = replace(here.studio, fresh=gone, **ON_GPU)
    with opened(here.studio):
        assert here.net.accuracy(here.rows) == 1
    assert here.studio.log[0]["broke_off"] == {"cuda": "The nursery has gone."}

    here.studio = replace(here.studio, devices=("cuda",), log=[], done={})
    with opened(here.studio), pytest.raises(Ungraded):
        _ = trained(here.net._build, here.net._train, here.rows).losses


def test_what_takes_too_long_on_a_gpu_is_not_tried_once_more() -> None:
    """A CPU would take longer."""
    here = Here(deaths=("too long",))
    here.studio = replace(here.studio, **ON_GPU)

    with opened(here.studio), pytest.raises(Crashed, match="stopped after 1 min,"):
        _ = here.net.losses
    assert here.devices[1:] == ["cuda"]


def test_whoever_breaks_off_beside_a_card_is_trained_in_the_ordinary_nursery(nurseries: Nurseries) -> None:
    """The same with real workers of both nurseries, and something that is no card."""
    asked: list[str] = []

    def fresh(device: str) -> tuple[Line, Callable[[], object]]:
        asked.append(device)
        channel = nurseries.at(NAMESPACES, card=device == "cuda").open_channel()
        session = Session(channel, {"clouds.py": MODULE.encode()}, "clouds", Limits(memory=2048))

        def close() -> None:
            session.close()
            channel.close()

        return Line(session, 30, WRAP), close

    plain, here = Here(), Here()
    here.studio = replace(here.studio, fresh=fresh, **ON_GPU)
    with opened(plain.studio):
        losses = plain.net.losses

    with opened(here.studio):
        assert here.net.accuracy(here.rows) == 1
        assert here.net.losses == pytest.approx(losses)
    (log,) = here.studio.log
    if not torch.cuda.is_available():
        assert log["device"] == "cpu"
        assert re.search("CUDA|NVIDIA", log["broke_off"]["cuda"])  # a build without it; one without a driver
        assert asked[:4] == ["cuda", "cpu", "cuda", "cpu"]  # to be trained, and to be asked


def test_the_audit_is_no_run_that_decides() -> None:
    """It has a seed of its own and learns other names; a further seed has another seed again."""
    here = Here()
    here.studio.audits = lambda handed_in: True

    with opened(here.studio):
        accuracy = here.net.accuracy(here.rows)
        accuracy.audit()
        accuracy.audit()
        assert accuracy.again(1) == 1
    assert [log["run"] for log in here.studio.log] == ["run 1", "audit", "run 2"]
    assert len({log["seed"] for log in here.studio.log}) == 3
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
    """A studio whose trainings are audited, and four clouds with their labels."""
    here = Here("noting", added=CORNERS)
    here.studio.audits = lambda handed_in: True
    y = np.arange(60) % 4
    places = np.array([[2, 2], [2, -2], [-2, 2], [-2, -2]])
    return here, ((places[y] + np.random.default_rng(0).normal(scale=0.3, size=(60, 2))).astype("float32"), y)


def test_the_audit_of_two_parts_has_one_training_and_its_names() -> None:
    """Another part draws other names for the labels; the network has learnt those of the first."""
    here, (X, y) = corners()
    other = replace(here.studio, part="q3c", draw=lambda name: np.random.default_rng(7 + sum(name.encode())))
    net = trained(here.net._build, here.net._train, (X, y))

    with opened(here.studio):
        net.accuracy((X, y)).audit()
    with opened(other):
        accuracy = net.accuracy((X[::2], y[::2]))
        accuracy.audit()
    assert [log["run"] for log in here.studio.log] == ["run 1", "audit"]
    assert accuracy.entry["renamed"] == {"plain": 1.0, "accuracy": 1.0}


@pytest.mark.parametrize("ordered", [False, True])
def test_grades_are_renamed_in_their_order(ordered: bool) -> None:
    """The audit's training gets them counted from the other end; classes without an order get names that are drawn."""
    here, (X, y) = corners()
    net = trained(here.net._build, here.net._train, (X, y), ordered=ordered)

    with opened(here.studio):
        net.accuracy((X, y)).audit()
    first, audit = (labels.tolist() for labels in here.module.SEEN)
    assert first == y.tolist()
    assert (audit == (3 - y).tolist()) is ordered
    assert all(one != other for one, other in zip(first, audit, strict=True))


def test_one_training_is_not_asked_for_in_two_ways() -> None:
    """Whoever asked first would decide how it is audited."""
    here = Here()
    other = trained(here.net._build, here.net._train, here.rows, ordered=True)

    with opened(here.studio):
        assert here.net.accuracy(here.rows) == 1
        with pytest.raises(CourseError, match="trained once, and was asked for with other"):
            _ = other.losses


def test_labels_may_be_lists() -> None:
    """What a check writes out by hand is as good as an array."""
    here = Here()
    X, y = here.rows
    net = trained(here.net._build, here.net._train, (X, y.tolist()))  # type: ignore[arg-type]

    with opened(here.studio):
        assert net.accuracy((X, y.tolist())) == 1  # type: ignore[arg-type]


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

    with opened(here.studio), ledger.opened() as book:
        passed = here.net.accuracy(here.rows) == reached({0.9: 1})
    assert not passed
    assert here.studio.log[0]["accuracies"][0]["carried"] == 0.5
    assert "the same class as after its training for 50.00 % of the rows" in book.texts[0].en


def test_whoever_learns_nothing_is_not_told_of_what_is_carried() -> None:
    """The network is the one that was trained; that it predicts badly is another matter."""
    here = Here("idle", added="def idle(net, X, y, seed):\n    net.weight.data.zero_()\n    return [1.0, 1.0]\n")

    with opened(here.studio), ledger.opened() as book:
        passed = here.net.accuracy(here.rows) == reached({0.9: 1})
    assert not passed
    assert here.studio.log[0]["accuracies"][0]["carried"] == 1
    assert "Built anew" not in book.texts[0].en
