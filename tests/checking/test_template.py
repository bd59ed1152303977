"""The verifier's own deadline: whatever student code does, it comes to a finding before the alarm rings."""

from __future__ import annotations

import signal
from types import SimpleNamespace
from typing import Any

import pytest

from grader.checking import plugin, template
from grader.checking.check_context import TRAINING_SECONDS
from grader.checking.declared import needs
from grader.sandbox.submission import CHECK_SECONDS


@needs(minutes=2)
def trains() -> None:
    """A check with a training."""


def item_and_context(check: Any) -> tuple[Any, Any]:
    """As much of a collected check, and of the context that it runs in, as a run of it asks for."""
    stash = {plugin.COLLECTED: {"check": (None, None)}}
    item = SimpleNamespace(nodeid="check", function=check, config=SimpleNamespace(stash=stash))
    return item, SimpleNamespace(deaths=[], forget=lambda question: None)


@pytest.mark.parametrize(
    ("deaths", "runs"),
    [
        (["SIGKILL"] * template.RUNS, template.RUNS),
        (["SIGKILL", ""], 2),
        (["MemoryError"], 1),
        (["exit status 0"], 1),
    ],
)
def test_only_whoever_may_have_been_killed_by_others_is_run_again(
    monkeypatch: pytest.MonkeyPatch, deaths: list[str], runs: int
) -> None:
    """Nobody gets another draw of a training by filling their own control group."""
    item, context = item_and_context(trains)
    left = list(deaths)

    def run_once(*_: object) -> str:
        context.deaths.append(left.pop(0))
        return "a finding"

    monkeypatch.setattr(signal, "alarm", lambda seconds: 0)
    monkeypatch.setattr(template, "_run_once", run_once)

    assert template._run(item, None, context) == "a finding"
    assert len(deaths) - len(left) == runs


@pytest.mark.parametrize("check", [lambda: None, trains], ids=["calls", "trains"])
def test_every_run_of_a_check_has_time_for_all_its_calls(monkeypatch: pytest.MonkeyPatch, check: Any) -> None:
    """Whose worker is killed each time, after calls as slow as they may be, is judged by the last run."""
    item, context = item_and_context(check)
    minutes = template.declared_by(check).minutes
    left = int(template.SECONDS_A_CHECK + TRAINING_SECONDS * minutes)
    ends: list[float] = []

    def alarm(seconds: int) -> float:
        nonlocal left
        before, left = left, seconds
        return before

    def killed(*_: object) -> str:
        nonlocal left
        left -= int(CHECK_SECONDS + TRAINING_SECONDS * minutes)
        ends.append(left)
        context.deaths.append("SIGKILL")
        return "a finding"

    monkeypatch.setattr(signal, "alarm", alarm)
    monkeypatch.setattr(template, "_run_once", killed)

    assert template._run(item, None, context) == "a finding"
    assert len(ends) == template.RUNS
    assert min(ends) > 0
