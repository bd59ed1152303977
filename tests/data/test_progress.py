"""The bar: only for work that lasts, only where there is a console."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

import grader.data.progress
from grader.data.progress import Slow


def shown(monkeypatch: pytest.MonkeyPatch, patience: float) -> str:
    monkeypatch.setattr(grader.data.progress, "PATIENCE", patience)
    screen = io.StringIO()
    with Slow(Console(file=screen, force_terminal=True, width=100), "Reading ants", 3) as bar:
        for _ in range(3):
            bar.advance(1)
    return screen.getvalue()


def test_long_work_shows_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the patience the bar names the work and counts to its end."""
    assert "Reading ants" in shown(monkeypatch, 0)
    assert "3/3" in shown(monkeypatch, 0)


def test_short_work_stays_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the patience not a character is written."""
    assert shown(monkeypatch, float("inf")) == ""


def test_without_a_console_nothing_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A library does not write to anyone's screen unasked."""
    monkeypatch.setattr(grader.data.progress, "PATIENCE", 0)

    with Slow(None, "Reading ants", 3) as bar:
        bar.advance(3)

    assert capsys.readouterr() == ("", "")
