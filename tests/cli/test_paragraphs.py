"""Sentences as they are printed: broken between words on a terminal, whole in a pipe."""

from __future__ import annotations

import sys

import pytest

from grader.cli.paragraphs import paragraphs

SAID = (
    "Asked: each row of `one-word` sums to 1.\n"
    "    yours: [[0.25, 0.5],\n"
    "           [0.25, 0.5]] for four-and-twenty-birds"
)


def test_a_terminal_breaks_no_word(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Each line under its indent, what goes on below it too; a word that is too long for a line stays whole."""
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)

    paragraphs(SAID, 6)

    assert capsys.readouterr().out.splitlines() == [
        "      Asked: each row of",
        "      `one-word` sums to 1.",
        "          yours: [[0.25, 0.5],",
        "                 [0.25, 0.5]]",
        "                 for",
        "                 four-and-twenty-birds",
    ]


def test_a_pipe_gets_whole_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever reads them is a program, which breaks lines as it likes; nothing is printed for nothing."""
    monkeypatch.setenv("COLUMNS", "30")

    paragraphs(SAID, 2)
    paragraphs("", 2)

    assert capsys.readouterr().out.splitlines() == [f"  {line}" for line in SAID.splitlines()]
