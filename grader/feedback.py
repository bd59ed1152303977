"""A student's page: what every check found, in words that teach. A student's text stays text, and nothing runs."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from markupsafe import Markup

from grader.course import Assignment, Essay, Question
from grader.drawing import Labels, confusion_matrix, drawable, training_curves
from grader.labels import part_label, part_rank
from grader.marks import NO_MARKS, Json, Mark, Marks, checks_of, exact, outcomes_of, settled, standing, total, unmarked
from grader.pages.render import fragment, render
from grader.pages.text import number, visible
from grader.phrases import in_language, said
from grader.records import Outcome
from grader.sandbox.figure import is_picture

Figures = Sequence[tuple[str, bytes]]
AUDIT = "audit"  # the run that is for the instructor alone
ISO_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::[\d.]+)?(Z|[+-]\d\d:?\d\d)?")


@dataclass(frozen=True)
class Bar:
    """Points as a bar: what is earned, what waits for a judgement, what is open, and the bonus after them."""

    earned: Fraction = Fraction(0)
    waiting: Fraction = Fraction(0)
    most: Fraction = Fraction(0)  # earned, waiting and lost together, without bonus
    bonus: Fraction = Fraction(0)
    most_bonus: Fraction = Fraction(0)

    def __add__(self, other: Bar) -> Bar:
        mine, theirs = vars(self).values(), vars(other).values()
        return Bar(*(a + b for a, b in zip(mine, theirs, strict=True)))

    @property
    def segments(self) -> list[tuple[str, float, float]]:
        """(kind, start, width) in per cent of the bar, the empty ones left out."""
        lost = max(Fraction(0), self.most - self.earned - self.waiting)
        widths = [("earned", self.earned), ("waiting", self.waiting), ("open", lost)]
        widths += [("bonus", self.bonus), ("bonus-open", max(Fraction(0), self.most_bonus - self.bonus))]
        scale, start, segments = 100 / (sum(w for _, w in widths) or 1), Fraction(0), []
        for kind, width in widths:
            if width > 0:
                segments.append((kind, round(float(start * scale), 2), round(float(width * scale), 2)))
            start += width
        return segments


@dataclass(frozen=True)
class Part:
    """One lettered item with what its checks found; an essay has none and waits for a person."""

    id: str
    label: str
    title: str
    checks: tuple[Json, ...]
    bar: Bar
    bonus: bool
    essay: bool = False
    given: str = ""  # how a person's points are shown: manual, or unwritten where there was nothing to read
    comment: str = ""
    extra: Fraction = Fraction(0)  # a person's extra credit, which the bar counts
    ticked: tuple[tuple[Fraction, str], ...] = ()  # lines of an essay's rubric that it has, by a person
    trainings: tuple[Json, ...] = ()
    curves: Markup | None = None
    networks: bool = False  # whether its trainings are of several networks
    confusion: Markup | None = None
    counted: str = ""  # on which rows
    classes: tuple[tuple[float | None, float | None, float | None], ...] = ()  # precision, recall, F1


@dataclass(frozen=True)
class Section:
    """One question; `score` counts the bonus earned, `most` neither bonus nor essays that wait for a person."""

    key: str
    title: str
    score: Fraction
    most: Fraction
    bar: Bar
    parts: tuple[Part, ...]


def feedback_page(
    sheet: Json, run: Json, assignment: Assignment, *, lang: str, figures: Figures = (), marks: Marks = NO_MARKS
) -> str:
    """One HTML file that needs nothing else: no script, no outside resource; Persian ("fa") runs right to left.

    `sheet` is a marksheet (schema 1), `run` its run file ({} if there is none); `figures` are (name, PNG), shown under
    the check whose question and name are in theirs, else at the end; `marks` are a person's, which stand in place of
    the machine's. Raises GraderError for another language.
    """
    marks = settled(marks, run)
    sections = tuple(_section(q, run, assignment, lang, marks) for q in sheet["questions"])
    open_checks, checks = unmarked(sheet, marks), checks_of(sheet)
    placed: dict[str, list[tuple[str, str]]] = {}
    for name, png in figures:
        if is_picture(png):
            placed.setdefault(_owner(name, checks), []).append((name, data_uri(png)))
    data, left_out = sheet["manifest"].get("data", {}), run.get("left_out", [])
    return render(
        "feedback.html.j2",
        lang=lang,
        styles=("page.css", "feedback.css"),
        pick=partial(in_language, lang=lang),
        title=assignment.title.in_language(lang),
        sheet=sheet,
        when=moment(sheet.get("submitted_at", "")),
        sections=sections,
        whole=sum((s.bar for s in sections), Bar()),
        score=standing(sheet, marks).score,
        most=sum((s.most for s in sections), Fraction(0)),
        penalty=marks.penalty,
        bonus=exact(sheet["bonus_points"])
        + sum((e.points for e in assignment.essays if e.bonus and e.part in marks.given), Fraction(0)),
        essays=[
            sum((p.bar.waiting for s in sections for p in s.parts if p.essay and p.bonus == bonus), Fraction(0))
            for bonus in (False, True)
        ],
        counts=outcomes_of(open_checks),
        ungraded=total(c["points"] for c in open_checks if c["outcome"] == Outcome.UNGRADED),
        data=sorted(data.items()),
        standins=[name for name, kind in sorted(data.items()) if kind == "stand-in"],
        left_out=left_out,
        notes=[note for note in run.get("notes", []) if note not in left_out],
        kind=lambda trained_on: _kind(trained_on, lang),
        figures=placed,
    )


def part_feedback(checks: Sequence[Json], lang: str) -> tuple[str, str]:
    """What the checks of one part found, for a cell of nbgrader's notebook: (HTML, the same as plain text)."""

    def pick(texts: Mapping[str, str]) -> str:
        return visible(in_language(texts, lang))

    points = [number(total(c[key] or 0 for c in checks), lang) for key in ("earned", "points")]
    earned = said("page.of", lang, earned=points[0], points=points[1])
    rows = []
    for check in checks:
        asked = pick(check["says"])
        says = asked if check["outcome"] == Outcome.PASSED else said("page.asked", lang, says=asked)
        rows.append((said(f"page.outcome.{check['outcome']}", lang), says, pick(check["message"])))
    plain = [earned, *(f"{outcome}: {says}" + (f"\n    {told}" if told else "") for outcome, says, told in rows)]
    return fragment("part.html.j2", lang=lang, earned=earned, checks=rows), "\n".join(plain)


def notes_feedback(notes: Sequence[Mapping[str, str]], lang: str) -> tuple[str, str]:
    """The notes on a hand-in, such as that an archive stayed closed, for a cell too: (HTML, the same as plain text)."""
    heading, told = said("page.graded", lang), [visible(in_language(note, lang)) for note in notes]
    return fragment("notes.html.j2", lang=lang, heading=heading, notes=told), "\n".join([heading, *told])


def _owner(figure: str, checks: Iterable[str]) -> str:
    """The check, as "question::check", whose two names are in the figure's; of several the longest; "" if none."""
    named = [check for check in checks if all(name in figure for name in check.split("::", 1))]
    return max(named, key=len, default="")


def _section(question: Json, run: Json, assignment: Assignment, lang: str, marks: Marks) -> Section:
    known = next((q for q in assignment.questions if q.id == question["id"]), None)
    essays = {e.part: e for e in assignment.essays if e.question == question["id"]}
    machine = [c for c in question["checks"] if c["part"] not in essays]
    parts = [_part(p, [c for c in machine if c["part"] == p], known, run, lang) for p in _order(known, machine)]
    for essay in sorted(essays.values(), key=lambda essay: not part_rank(essay.part)):  # of the whole question: last
        bar = Bar(waiting=essay.points, most=essay.points)
        label, said_title = part_label(essay.part, lang), essay.title.in_language(lang)
        part = Part(id=essay.part, label=label, title=said_title, checks=(), bar=bar, bonus=essay.bonus, essay=True)
        rank = part_rank(essay.part)
        before = [i for i, p in enumerate(parts) if not rank or part_rank(p.id) <= rank]
        parts.insert(before[-1] + 1 if before else 0, part)  # an essay stands after its companion, which has its letter
    parts = [_by_person(part, marks.parts.get(part.id, Mark()), essays.get(part.id), lang) for part in parts]
    title = known.title.in_language(lang) if known else in_language(question["title"], lang)
    bar = sum((p.bar for p in parts), Bar())
    most = exact(question["max_score"]) + sum(
        (e.points for e in essays.values() if not e.bonus and e.part in marks.given), Fraction(0)
    )
    return Section(question["id"], title, bar.earned + bar.bonus, most, bar, tuple(parts))


def _by_person(part: Part, mark: Mark, essay: Essay | None, lang: str) -> Part:
    """The part with a person's points in place of the machine's, their extra credit, comment and ticks."""
    bar = part.bar
    if mark.points is not None:
        asked = bar.most_bonus + bar.waiting if part.bonus else bar.most
        bar = Bar(bonus=mark.points, most_bonus=asked) if part.bonus else Bar(earned=mark.points, most=asked)
    given = "" if mark.points is None else "manual" if mark.by_person else "unwritten"
    extra = Bar(bonus=mark.extra) if part.bonus else Bar(earned=mark.extra)
    ticked = tuple(
        (line.points, line.text.in_language(lang))
        for at, line in enumerate(essay.rubric if essay else (), 1)
        if at in mark.lines
    )
    return replace(part, bar=bar + extra, given=given, comment=mark.comment, extra=mark.extra, ticked=ticked)


def _order(known: Question | None, checks: Sequence[Json]) -> list[str]:
    """The parts that have checks: in the assignment's order, then those that it does not name."""
    found = list(dict.fromkeys(c["part"] for c in checks))
    order = list(known.parts) if known else []
    return sorted(found, key=lambda part: order.index(part) if part in order else len(order))


def _part(part: str, checks: Sequence[Json], known: Question | None, run: Json, lang: str) -> Part:
    title = known.parts[part].in_language(lang) if known and part in known.parts else ""
    bar = Bar(
        earned=total(c["earned"] or 0 for c in checks if not c["bonus"]),
        waiting=total(c["points"] for c in checks if c["earned"] is None),
        most=total(c["points"] for c in checks if not c["bonus"] or c["earned"] is None),
        bonus=total(c["earned"] or 0 for c in checks if c["bonus"]),
        most_bonus=total(c["points"] for c in checks if c["bonus"] and c["earned"] is not None),
    )
    trainings = tuple(t for t in run.get("trainings", []) if t.get("part") == part and t.get("run") != AUDIT)
    entry = _counted(trainings)
    counted = entry.get("confusion", [])
    return Part(
        id=part,
        label=part_label(part, lang),
        title=title,
        checks=tuple(checks),
        bar=bar,
        bonus=any(c["bonus"] for c in checks),
        trainings=trainings,
        curves=_curves(part, trainings, lang),
        networks=_several(trainings),
        confusion=_confusion(part, counted, lang) if counted else None,
        counted=_rows_of(entry, lang),
        classes=tuple(by_class(counted)),
    )


def _counted(trainings: Sequence[Json]) -> Json:
    """The first run's measurement that has a confusion matrix: on unseen rows if there is one; {} if none."""
    entries = [entry for training in trainings[:1] for entry in training.get("accuracies", [])]
    counted = [entry for entry in entries if entry.get("confusion")]
    return next((entry for entry in reversed(counted) if not entry["trained_on"]), counted[-1] if counted else {})


def _rows_of(entry: Json, lang: str) -> str:
    if not entry:
        return ""
    return said("page.confusion.rows", lang, rows=entry["rows"], kind=_kind(entry["trained_on"], lang))


def _kind(trained_on: bool, lang: str) -> str:
    """Which rows they are."""
    return said("page.kind.trained_on" if trained_on else "page.kind.unseen", lang)


def _several(trainings: Sequence[Json]) -> bool:
    return len({training.get("network", "") for training in trainings}) > 1


def _name(kind: str, part: str) -> str:
    return f"{kind}-" + re.sub(r"[^\w-]", "-", part)


def _confusion(part: str, counted: Sequence[Sequence[int]], lang: str) -> Markup:
    title = said("page.confusion", lang, part=part_label(part, lang))
    x, y = said("page.named", lang), said("page.right_class", lang)
    return confusion_matrix(counted, Labels(_name("confusion", part), title, lang, x, y))


def _curves(part: str, trainings: Sequence[Json], lang: str) -> Markup | None:
    several = _several(trainings)
    curves = [
        (visible(t["network"] if several else said("page.seed", lang, seed=t.get("seed", "?"))), t["losses"])
        for t in trainings
        if drawable(t.get("losses") or ())
    ]
    if not curves:
        return None
    title = said("page.curves", lang, part=part_label(part, lang))
    x, y = said("page.step", lang), said("page.loss", lang)
    return training_curves(curves, Labels(_name("curve", part), title, lang, x, y))


def by_class(confusion: Sequence[Sequence[int]]) -> list[tuple[float | None, float | None, float | None]]:
    """(precision, recall, F1) of each class, None where it is never named, never there, or neither.

    confusion[i][j]: how many rows of class i were taken for class j.
    """
    named = [sum(row[k] for row in confusion) for k in range(len(confusion))]
    there = [sum(row) for row in confusion]
    right = [row[k] for k, row in enumerate(confusion)]
    return [
        (r / n if n else None, r / t if t else None, 2 * r / (n + t) if n + t else None)
        for r, n, t in zip(right, named, there, strict=True)
    ]


def data_uri(png: bytes) -> str:
    """A picture as the address of an `img` in a page that needs no other file."""
    return "data:image/png;base64," + b64encode(png).decode()


def moment(when: str) -> str:
    """An ISO 8601 time as people read it: date, minutes, offset; another form is left as it is."""
    found = ISO_TIME.fullmatch(when)
    return " ".join(filter(None, found.groups())).replace("Z", "UTC") if found else when
