"""Where a check trains, on which device, and what becomes of a training that breaks off or takes too long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from grader.checking.check_context import WRAP
from grader.checking.training import trained
from grader.checking.training_context import opened
from grader.records import Text
from grader.sandbox.faults import Crashed, Ungraded
from grader.sandbox.limits import Limits
from grader.sandbox.nursery import NAMESPACES
from grader.sandbox.session import Session
from grader.sandbox.submission import Line
from tests.checking.training_contexts import MODULE, Here
from tests.workers import Nurseries


def test_a_training_outside_of_checks_is_refused() -> None:
    """There is no student, no seed and no worker to train in."""
    nobody = type("Nobody", (), {"name": "build"})()
    net = trained(nobody, nobody, (np.zeros((1, 2)), np.zeros(1, np.int64)))

    with pytest.raises(RuntimeError, match="in a hidden check only"):
        _ = net.losses


def test_over_its_time_a_training_that_yields_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the question says so, what it has reached counts; where not, one sentence says how long it may take."""
    monkeypatch.setattr("grader.checking.training_run.LEAST_SECONDS", 0.0)
    monkeypatch.setattr("grader.checking.training_run.SECONDS_A_MINUTE", 0.0)

    counts = Here(unfinished=True)
    with opened(counts.context):
        assert len(counts.net.losses) == 1
        assert counts.net.accuracy(counts.rows) > 0.5

    counts_not = Here()
    with (
        opened(counts_not.context),
        pytest.raises(Crashed, match="stopped after 0 min, which is as long as it may take"),
    ):
        _ = counts_not.net.losses


def test_a_deadline_is_told_as_the_training_s_own() -> None:
    """Whoever never comes back reads of minutes and epochs, not of a call."""
    here = Here(deaths=("too long",))

    with opened(here.context), pytest.raises(Crashed, match="stopped after 1 min,"):
        _ = here.net.losses


def test_what_breaks_off_breaks_off_every_time() -> None:
    """A training that raises half-way is not run again for the next check."""
    here = Here("unlucky")

    with opened(here.context):
        for _ in range(2):
            with pytest.raises(Crashed):
                _ = here.net.losses
    assert here.context.log == []


ON_GPU: dict[str, Any] = {"devices": ("cuda", "cpu"), "share": 1024, "gpu": {"name": "a card", "cudnn": 91_900}}


def test_on_a_gpu_it_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trained and asked there alone; the log names the card and what makes its sums the same every time."""
    settled: list[tuple[str, int]] = []
    monkeypatch.setattr("grader.sandbox.worker.settle", lambda *told: settled.append(told))
    monkeypatch.setattr("grader.sandbox.worker.carried", lambda value, device: value)
    here = Here()
    here.context = replace(here.context, **ON_GPU)

    with opened(here.context):
        assert here.net.accuracy(here.rows) == 1
    (log,) = here.context.log
    assert (log["device"], log["gpu"]) == ("cuda", ON_GPU["gpu"])
    assert "broke_off" not in log
    assert set(here.devices[1:]) == {"cuda"}  # the first is asked for its names by the test
    assert set(settled) == {("cuda", 1024)}


@pytest.mark.skipif(torch.cuda.is_available(), reason="here it would be trained on the card")
def test_what_breaks_off_on_a_gpu_is_done_on_the_cpu() -> None:
    """A card may be full, and whoever has none could not see that their code runs on the CPU alone: nothing is lost."""
    here, plain = Here(), Here()
    here.context = replace(here.context, **ON_GPU)

    with opened(here.context):
        accuracy = here.net.accuracy(here.rows)
    with opened(plain.context):
        assert accuracy == plain.net.accuracy(plain.rows) == 1
    (log,) = here.context.log
    assert (log["device"], "gpu" in log) == ("cpu", False)
    assert list(log["broke_off"]) == ["cuda"]
    assert log["losses"] == plain.context.log[0]["losses"]


def test_the_log_names_where_it_was_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the CPU, after its worker had died on the card, though the card answers when the network is asked."""
    monkeypatch.setattr("grader.sandbox.worker.settle", lambda *told: None)
    monkeypatch.setattr("grader.sandbox.worker.carried", lambda value, device: value)
    here = Here(deaths=("Died",))
    here.context = replace(here.context, **ON_GPU)

    with opened(here.context):
        assert here.net.accuracy(here.rows) == 1
    (log,) = here.context.log
    assert (log["device"], "gpu" in log, log["broke_off"]) == ("cpu", False, {"cuda": "It died."})
    assert here.devices[1:4] == ["cuda", "cpu", "cuda"]


def test_a_worker_that_cannot_be_had_for_the_gpu_is_had_for_the_cpu() -> None:
    """Its nursery has gone: that is nobody's fault, and the CPU is still there. Where nothing is left, it is ours."""
    here = Here()
    asked = here.context.fresh

    def gone(device: str) -> AbstractContextManager[Line]:
        if device == "cuda":
            raise Ungraded(Text("The nursery has gone."))
        return asked(device)

    here.context = replace(here.context, fresh=gone, **ON_GPU)
    with opened(here.context):
        assert here.net.accuracy(here.rows) == 1
    assert here.context.log[0]["broke_off"] == {"cuda": "The nursery has gone."}

    here.context = replace(here.context, devices=("cuda",), log=[], done={})
    with opened(here.context), pytest.raises(Ungraded):
        _ = trained(here.net._spec.build, here.net._spec.train, here.rows).losses


def test_what_takes_too_long_on_a_gpu_is_not_tried_once_more() -> None:
    """A CPU would take longer."""
    here = Here(deaths=("too long",))
    here.context = replace(here.context, **ON_GPU)

    with opened(here.context), pytest.raises(Crashed, match="stopped after 1 min,"):
        _ = here.net.losses
    assert here.devices[1:] == ["cuda"]


def test_whoever_breaks_off_beside_a_card_is_trained_in_the_ordinary_nursery(nurseries: Nurseries) -> None:
    """The same with real workers of both nurseries, and something that is no card."""
    asked: list[str] = []

    @contextmanager
    def fresh(device: str) -> Iterator[Line]:
        asked.append(device)
        with closing(nurseries.at(NAMESPACES, card=device == "cuda").open_channel()) as channel:
            session = Session(channel, {"clouds.py": MODULE.encode()}, "clouds", Limits(memory=2048))
            with closing(session):
                yield Line(session, 30, WRAP)

    plain, here = Here(), Here()
    here.context = replace(here.context, fresh=fresh, **ON_GPU)
    with opened(plain.context):
        losses = plain.net.losses

    with opened(here.context):
        assert here.net.accuracy(here.rows) == 1
        assert here.net.losses == pytest.approx(losses)
    (log,) = here.context.log
    if not torch.cuda.is_available():
        assert log["device"] == "cpu"
        assert re.search("CUDA|NVIDIA", log["broke_off"]["cuda"])  # a build without it; one without a driver
        assert asked[:4] == ["cuda", "cpu", "cuda", "cpu"]  # to be trained, and to be asked
