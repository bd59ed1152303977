"""A verdict in short, and by its checks."""

from __future__ import annotations

from grader.records import Finding, NoVerdict, Verdict


def outcomes(verdict: Verdict | NoVerdict) -> list[str]:
    assert isinstance(verdict, Verdict), verdict
    return [str(finding.outcome) for finding in verdict.findings]


def by_check(verdict: Verdict | NoVerdict) -> dict[str, Finding]:
    assert isinstance(verdict, Verdict), verdict
    return {finding.check.id: finding for finding in verdict.findings}
