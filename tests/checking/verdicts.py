"""A verdict in short, and by its checks."""

from __future__ import annotations

from grader.records import Finding, Lost, Verdict


def outcomes(verdict: Verdict | Lost) -> list[str]:
    assert isinstance(verdict, Verdict), verdict
    return [str(finding.outcome) for finding in verdict.findings]


def by_check(verdict: Verdict | Lost) -> dict[str, Finding]:
    assert isinstance(verdict, Verdict), verdict
    return {finding.check.id: finding for finding in verdict.findings}
