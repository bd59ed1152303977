"""A verdict in short, and by its checks."""

from __future__ import annotations

from grader.records import Finding, Verdict


def outcomes(verdict: Verdict | None) -> list[str]:
    assert verdict is not None
    return [str(finding.outcome) for finding in verdict.findings]


def by_check(verdict: Verdict | None) -> dict[str, Finding]:
    assert verdict is not None
    return {finding.check.id: finding for finding in verdict.findings}
