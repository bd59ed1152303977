"""Whose numbers were used: what is asked again for it is asked by the check's own line."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from grader.checking.rerun import anothers


def test_what_is_asked_again_comes_out_of_the_checks_own_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other variants and other checks get the proxy that the check has: answers that take seconds are soon too late."""
    question, asked = SimpleNamespace(), []

    def check(submission: int, given: dict[str, int]) -> None:
        asked.append((submission, given["a"]))
        assert submission == given["a"]

    def item(name: str) -> Any:
        info = SimpleNamespace(argnames=("submission", "given"))
        return SimpleNamespace(nodeid=name, function=check, fixturenames=info.argnames, _fixtureinfo=info)

    one, other = item("one"), item("other")
    one.funcargs, one.session = {"submission": 1, "given": {"a": 0}}, SimpleNamespace(items=[one, other])
    context: Any = SimpleNamespace(job=SimpleNamespace(variant=0), given=lambda question: {"a": 0})
    monkeypatch.setattr("grader.checking.given.variants_of", lambda question: 2)
    monkeypatch.setattr("grader.checking.given.given_of", lambda question, variant: {"a": variant})
    context.submission = context.solution = context.draw = lambda *_: None
    known: Any = {name: (SimpleNamespace(part="q1a"), question) for name in ("one", "other")}

    assert anothers(one, context, question, known)  # type: ignore[arg-type]
    assert asked == [(1, 1), (1, 0)]
