"""The marking sheet: one offline page an essay with every answer on it, and the CSV files that markers save from it.

Nothing here touches the gradebook: pages are made from texts, and files become marks or a list of conflicts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256

from grader.course import Assignment, Essay
from grader.errors import GraderError
from grader.labels import part_label
from grader.marks import NO_MARKS, Json, Mark, Marks, by_part, total
from grader.pages.render import render
from grader.pages.table import from_spreadsheet_cell
from grader.pages.text import number
from grader.phrases import said
from grader.spreadsheet import read_table

COLUMNS = ("assignment", "part", "student", "points", "lines", "comment", "marker")  # of a marker's file
KEYS = {"j": "j", "k": "k", "1 … 9": "1", "0": "0", "p": "p", "c": "c", "n": "n", "s": "s", "Esc": "escape"}


@dataclass(frozen=True)
class Group:
    """Students with the same answer, who are marked once; `companion` says what each had in the machine's part."""

    text: str
    students: tuple[str, ...]
    companion: tuple[str, ...]
    points: str
    comment: str
    lines: tuple[int, ...]  # of the rubric, ticked


def marking_page(
    assignment: Assignment,
    essay: Essay,
    answers: Mapping[str, str],
    sheets: Mapping[str, Json],
    marks: Mapping[str, Marks],
    *,
    lang: str = "en",
) -> str:
    """One HTML file to mark one essay on: answers by student ("" for none), marks that are given already filled in.

    Equal answers stand together, answers stand in an order that tells nothing of who wrote them, empty ones last.
    """
    groups: dict[str, list[str]] = {}
    for student in sorted(answers):
        groups.setdefault(" ".join(answers[student].split()), []).append(student)
    order = sorted(groups, key=lambda text: (not text, sha256(text.encode("utf-8", "replace")).digest()))
    made = [_group(groups[key], answers[groups[key][0]], essay, sheets, marks, lang) for key in order]
    return render(
        "marking.html.j2",
        lang=lang,
        styles=("page.css", "marking.css"),
        script="marking.js",
        assignment=assignment.id,
        part=essay.part,
        label=part_label(essay.part, lang),
        title=essay.title.in_language(lang),
        prompt=[" ".join(p.split("\n")) for p in essay.prompt.in_language(lang).strip().split("\n\n")],
        rubric=[(float(line.points), line.text.in_language(lang)) for line in essay.rubric],
        most=float(essay.points),
        groups=made,
        shortcuts=[(key, said(f"marking.key.{name}", lang)) for key, name in KEYS.items()],
        digest=sha256("\0".join(order).encode("utf-8", "replace")).hexdigest()[:16],
        companion=part_label(essay.companion, lang) if essay.companion else "",
    )


def _group(
    students: Sequence[str], text: str, essay: Essay, sheets: Mapping[str, Json], marks: Mapping[str, Marks], lang: str
) -> Group:
    given = {marks.get(student, NO_MARKS).parts.get(essay.part, Mark()) for student in students}
    mark = given.pop() if len(given) == 1 else Mark()  # students of one answer who were marked apart: marked anew
    points = "" if mark.points is None or not mark.by_person else number(mark.points)
    companion = tuple(_companion(essay, sheets[s], lang) for s in students if s in sheets and essay.companion)
    return Group(text, tuple(students), companion, points, mark.comment, mark.lines)


def _companion(essay: Essay, sheet: Json, lang: str) -> str:
    checks = by_part(sheet).get(essay.companion, ())
    earned, points = (float(total(c[key] or 0 for c in checks)) for key in ("earned", "points"))
    return f"{number(earned, lang)} / {number(points, lang)}"


@dataclass(frozen=True)
class Given:
    """One row of a marker's file, and where it stands."""

    mark: Mark
    marker: str
    place: str


def read_marks(files: Mapping[str, bytes], assignment: Assignment) -> tuple[dict[tuple[str, str], Mark], list[str]]:
    """Marks by (student, part) from markers' files by name, and a sentence for each on which two markers differ.

    Rows without points are not marked yet. Equal points with different comments keep both comments; of different lines
    ticked for them the first file's count. Raises GraderError for a row that cannot be a mark, with its file and line;
    nothing is taken then.
    """
    found: dict[tuple[str, str], list[Given]] = {}
    for name, content in files.items():
        for key, given in _rows(name, content, assignment):
            found.setdefault(key, []).append(given)
    marks: dict[tuple[str, str], Mark] = {}
    conflicts = []
    for (student, part), several in sorted(found.items()):
        if len({given.mark.points for given in several}) > 1:
            told = " and ".join(f"{_shown(g.mark.points)} by {g.marker or 'nobody'} ({g.place})" for g in several)
            conflicts.append(f"{student}, {part}: {told}")
            continue
        comments = dict.fromkeys(given.mark.comment for given in several if given.mark.comment)
        lines = next((given.mark.lines for given in several if given.mark.lines), ())
        marks[student, part] = Mark(several[0].mark.points, comment="\n".join(comments), lines=lines)
    return marks, conflicts


def against(
    marks: Mapping[tuple[str, str], Mark], before: Mapping[str, Marks]
) -> tuple[dict[tuple[str, str], Mark], list[str]]:
    """The marks that are new to the gradebook, and a sentence for each that a person has marked otherwise there."""
    fresh: dict[tuple[str, str], Mark] = {}
    conflicts = []
    for (student, part), mark in marks.items():
        there = before.get(student, NO_MARKS).parts.get(part, Mark())
        if there.points is None or not there.by_person:
            fresh[student, part] = mark
        elif there.points != mark.points:
            conflicts.append(
                f"{student}, {part}: {_shown(mark.points)} here and {_shown(there.points)} in the gradebook"
            )
        else:
            told = [*there.comment.splitlines(), *mark.comment.splitlines()]
            comment = "\n".join(dict.fromkeys(told)) if mark.comment not in ("", there.comment) else there.comment
            lines = mark.lines or there.lines
            if (comment, lines) != (there.comment, there.lines):
                fresh[student, part] = Mark(mark.points, comment=comment, lines=lines)
    return fresh, conflicts


def _rows(name: str, content: bytes, assignment: Assignment) -> list[tuple[tuple[str, str], Given]]:
    table = read_table(name, content, COLUMNS)
    if missing := [column for column in COLUMNS[:4] if column not in table.columns]:
        raise GraderError(f"{name} has no column {missing[0]}: a file saved from the marking sheet was asked.")
    essays = {essay.part: essay for essay in assignment.essays}
    found = []
    for line, row in table.rows:
        place = f"{name}, line {line}"
        cells = {column: from_spreadsheet_cell(row.get(column, "")) for column in COLUMNS}
        if cells["assignment"] != assignment.id:
            raise GraderError(f"{place} is of assignment {cells['assignment']!r}; {assignment.id} was asked.")
        if cells["part"] not in essays:
            raise GraderError(
                f"{place}: {cells['part']!r} is no essay of {assignment.id}, which has {', '.join(essays)}."
            )
        if not cells["student"]:
            raise GraderError(f"{place} names no student: the file as the marking sheet saved it was asked.")
        if cells["points"]:
            essay = essays[cells["part"]]
            points, lines = _points(cells["points"], essay, place), _lines(cells["lines"], essay, place)
            given = Given(Mark(points, comment=cells["comment"].strip(), lines=lines), cells["marker"], place)
            found.append(((cells["student"], cells["part"]), given))
    return found


def _points(text: str, essay: Essay, place: str) -> Fraction:
    try:
        points = Fraction(text.replace("٫", ".").replace(",", "."))  # as a Persian or German spreadsheet saves it
    except (ValueError, ZeroDivisionError) as fault:
        raise GraderError(f"{place}: {text!r} is no number of points.") from fault
    if not 0 <= points <= essay.points:
        raise GraderError(f"{place}: {text} points were given; {essay.part} is worth {number(essay.points)}.")
    return points


def _lines(text: str, essay: Essay, place: str) -> tuple[int, ...]:
    asked = {str(number): number for number in range(1, len(essay.rubric) + 1)}
    if wrong := [line for line in text.split() if line not in asked]:
        raise GraderError(f"{place}: {wrong[0]!r} is no line of {essay.part}'s rubric, which has {len(asked)}.")
    return tuple(sorted({asked[line] for line in text.split()}))


def _shown(points: Fraction | None) -> str:
    return "none" if points is None else number(points)
