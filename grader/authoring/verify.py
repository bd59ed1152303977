"""`grader verify`: every question proves itself: the solution earns all, with the numbers of each variant too, the stub
nothing, each mistake its hint.

All of it runs as submissions through the real line: nursery, worker, verifier, score.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

from grader.authoring.mutants import Mutant, explained, mutants
from grader.authoring.release import with_given
from grader.authoring.stub import stub_of
from grader.checking.given import given_of, variants_of
from grader.checking.slots import Slots
from grader.checking.verifier import Verifier
from grader.course import Question
from grader.errors import CourseError
from grader.phrases import PERSIAN_DIGITS
from grader.records import Finding, NoVerdict, Outcome, Submission

Given = TypeVar("Given")
Result = TypeVar("Result")

NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")
PLACES = re.compile(r"\d+ (?:of|از) \d+|(?:row|position|ردیف|جایگاه) \d+")  # "3 of 20 entries, the worst in row 2"
LATIN_DIGITS = {persian: latin for latin, persian in PERSIAN_DIGITS.items()}
NAME = re.compile(r"'[^']*'")  # a dict's keys are asked for in the docstring
SMALL = {0.0, 1.0, 2.0}  # stand in every sentence
EXPECTS = re.compile(r'^# expects: (?P<part>[\w.]+) -> (?:"(?P<hint>[^"]*)")?\s*(?P<share>\d+(?:\.\d+|/\d+)?)?\s*$')


@dataclass(frozen=True)
class Expected:
    """What a mistake file says of one part: hint key or piece of the message, and the share of its points."""

    hint: str | None
    share: Fraction | None


@dataclass(frozen=True)
class Claim:
    """One submission made from a question, and what must come of it; `expected` is None for the stub."""

    question: Question
    name: str
    module: str
    expected: dict[str, Expected] | None
    variant: int = 0


@dataclass(frozen=True)
class Proof:
    """One submission made from a question and whether it was judged as it should be; `faults` are sentences."""

    question: str
    name: str
    faults: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Trial:
    """One mutant and what became of it: `noticed`, or else why it is no mistake ("" if nobody has said)."""

    mutant: Mutant
    noticed: bool
    why: str = ""


def expectations(path: Path) -> dict[str, Expected]:
    """The `# expects:` lines of a mistake file; CourseError for a file without any, or a line that cannot be read."""
    found = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("# expects:"):
            match = EXPECTS.match(line)
            if match is None:
                raise CourseError(f'{path}:{number}: `# expects: q2.dF -> "hint" 0.6` was asked, not `{line}`.')
            share = match["share"]
            found[match["part"]] = Expected(match["hint"], Fraction(share) if share else None)
    if not found:
        raise CourseError(f'{path} says nothing to expect: begin it with `# expects: q2.dF -> "hint" 0.6`.')
    return found


def mistaken(question: Question, path: Path) -> str:
    """The mistake as a student's module: the solution with the file's definitions after it."""
    return question.source.read_text(encoding="utf-8") + "\n\n" + path.read_text(encoding="utf-8")


def prove(questions: list[Question], verifier: Verifier, workers: int = 1) -> Iterator[Proof]:
    """Solution, stub, mistakes and other variants of each question, in this order, `workers` of them at a time.

    Another variant, or a mistake that expects nothing of a trained part, is proved on the other parts alone: the
    training is the same.
    """

    def claims() -> Iterator[Claim]:
        for question in questions:
            source = question.source.read_text(encoding="utf-8")
            yield Claim(question, "solution", source, {})
            yield Claim(question, "stub", stub_of(question.source), None)
            for path in question.mistakes:
                yield Claim(question, path.stem, mistaken(question, path), expectations(path))
            for variant in range(1, variants_of(question)):
                module = with_given(source, given_of(question, variant))
                yield Claim(question, f"variant {variant}", module, {}, variant)

    slots = Slots(workers)
    yield from _at_a_time(workers, verifier, lambda claim: _proof(verifier, claim, slots), claims())


def try_mutants(questions: list[Question], verifier: Verifier, workers: int = 1) -> Iterator[Trial]:
    """Each mutant graded as a submission, trainings left out, up to the first check that notices it."""
    trained = frozenset(check.part for check in verifier.checks if check.minutes)
    known = {question.id: explained(question) for question in questions}

    def trial(given: tuple[Question, Mutant]) -> Trial:
        question, mutant = given
        hand_in = Submission("somebody", "", {question.file: mutant.module.encode()})
        own = [check for check in verifier.checks if check.question == question.id and not check.minutes]
        verdict = verifier.grade(hand_in, 0, only=own, until_lost=True)
        noticed = isinstance(verdict, NoVerdict) or any(finding.share != 1 for finding in verdict.findings)
        return Trial(mutant, noticed, known[question.id].get((mutant.place, mutant.was, mutant.now), ""))

    every = ((question, mutant) for question in questions for mutant in mutants(question, trained))
    yield from _at_a_time(workers, verifier, trial, every)


def _at_a_time(
    workers: int, verifier: Verifier, work: Callable[[Given], Result], given: Iterable[Given]
) -> Iterator[Result]:
    """The results in the order of what was given. Ctrl-C ends what is under way, with the verifier."""
    threads = ThreadPoolExecutor(workers, thread_name_prefix="prove")
    try:
        yield from threads.map(work, given)
    except KeyboardInterrupt:
        verifier.close()
        raise
    finally:
        threads.shutdown(cancel_futures=True)


def _proof(verifier: Verifier, claim: Claim, slots: Slots) -> Proof:
    question, expected = claim.question, claim.expected
    files = {question.file: claim.module.encode()}
    trained = {check.part for check in verifier.checks if check.minutes}
    trains = not claim.variant and (not expected or not trained.isdisjoint(expected))
    asked = [check for check in verifier.checks if check.question == question.id and (trains or not check.minutes)]
    with slots.taken(asked):
        verdict = verifier.grade(Submission("somebody", "", files), claim.variant, only=asked)
    if isinstance(verdict, NoVerdict):
        return Proof(question.id, claim.name, (f"the verifier ended without a verdict {verdict.why}",), 0.0)
    own = list(verdict.findings)
    left_out = set() if trains else trained
    faults = _stub_faults(own) if expected is None else _faults(question, own, expected, left_out)
    return Proof(question.id, claim.name, tuple(faults), sum(finding.seconds for finding in own))


def _stub_faults(findings: list[Finding]) -> list[str]:
    return [
        f"{f.check.part} {f.check.id}: the stub got {f.outcome}, unwritten was asked; {f.message.en} {f.detail}"
        for f in findings
        if f.outcome is not Outcome.UNWRITTEN
    ]


def _faults(
    question: Question, findings: list[Finding], expected: dict[str, Expected], left_out: set[str]
) -> Iterator[str]:
    for part in expected:
        if part not in question.parts:
            yield f"it expects something of {part}, which is no part of {question.id}"
    for part in question.parts:
        own = [finding for finding in findings if finding.check.part == part]
        if part not in left_out and own:
            yield from _faults_of(part, own, expected.get(part, Expected(None, Fraction(1))))
        elif part not in left_out:
            yield f"{part} has no check"


def _faults_of(part: str, own: list[Finding], wanted: Expected) -> Iterator[str]:
    """What is not as it should be in one part, by the findings of its checks."""
    whole = sum((f.check.points for f in own), Fraction(0))
    share = sum((f.check.points * (f.share or 0) for f in own), Fraction(0)) / whole
    slips = []
    if wanted.share is not None and share != wanted.share:
        slips.append(f"{part} earned {share} of its points, {wanted.share} was asked")
    elif wanted.share is None and share == 1:
        slips.append(f"{part} earned everything in spite of the mistake")
    if wanted.hint and not any(wanted.hint in f.hints or wanted.hint in f.message.en for f in own):
        slips.append(f'{part} did not give the hint "{wanted.hint}"')
    yield from slips
    if slips:
        yield from (_told(f) for f in own if f.share != 1)
    yield from (f"{f.check.id} gives {n} away: {f.message.en}" for f in own for n in given_away(f))


def _told(finding: Finding) -> str:
    """What a check found of an answer: its message, the hints in it, and pytest's explanation below."""
    hints = f" [{', '.join(finding.hints)}]" if finding.hints else ""
    return f"{finding.check.id} {finding.outcome}: {finding.message.en}{hints}\n{finding.detail}".rstrip()


def given_away(finding: Finding) -> list[str]:
    """The numbers in the student's text that are numbers of the right answer; what their own code said is theirs."""
    if finding.outcome not in (Outcome.FAILED, Outcome.PARTIAL):
        return []
    values = "".join(re.findall(r"^expected (.*?)(?=^got |\Z)", finding.detail, re.MULTILINE | re.DOTALL))
    secret = {float(number) for number in NUMBER.findall(NAME.sub("", values))} - SMALL
    text = PLACES.sub("", f"{finding.message.en} {finding.message.fa.translate(LATIN_DIGITS)}")
    for name in NAME.findall(values):
        text = text.replace(name[1:-1], "")
    said = dict.fromkeys(NUMBER.findall(text))
    return [n for n in said if any(_as_said(value, n) == float(n) for value in secret)]


def _as_said(value: float, said: str) -> float:
    """The value with as many decimals as were said: 0.86 gives 0.859 away; whole numbers are compared as they are."""
    decimals = len(said.partition(".")[2])
    return round(value, decimals) if decimals else value
