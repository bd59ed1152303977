"""A verdict in short."""

from __future__ import annotations

from grader.records import Verdict


def outcomes(verdict: Verdict | None) -> list[str]:
    assert verdict is not None
    return [str(finding.outcome) for finding in verdict.findings]
