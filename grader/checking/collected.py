"""What hidden checks say about themselves, read off as pytest collects them; CourseError where one says too little."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader.checking.declared import declared_by
from grader.checking.draws import drawn
from grader.checking.given import given_of, variants_of
from grader.course import Assignment, Course, Question
from grader.errors import CourseError
from grader.records import Check, Text

FIXTURES = ("submission", "solution", "draw", "given", "dataset", "bars", "profile")


def checks_of(course: Course, items: Sequence[Any]) -> dict[str, tuple[Check, Question]]:
    """The check of each of pytest's items, and its question, by their node ids."""
    for path in dict.fromkeys(item.path for item in items):
        _each_name_once(path)
    folders = dict.fromkeys(item.path.parent.name for item in items)
    assignments = {name: course.assignment(name) for name in folders}
    found = {item.nodeid: _check_of(item, assignments[item.path.parent.name]) for item in items}
    for assignment in assignments.values():
        drawn(course, assignment, "", "", "")  # or it says that there is no key
    _variants_can_be_used({question.id: question for _, question in found.values()}.values())
    return found


def _each_name_once(path: Path) -> None:
    """Of two checks of one name Python keeps the last: the other's points would be gone, and nobody told."""
    names = Counter(
        node.name for node in ast.parse(path.read_bytes()).body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    )
    if twice := [name for name, times in names.items() if times > 1]:
        raise CourseError(f"{path} has {twice[0]} twice, of which Python keeps the last: rename one.")


def every_part_is_checked(checks: Iterable[Check], questions: Iterable[Question]) -> None:
    """A part that no check is for would be worth nothing, and nobody would be told; an essay's part needs none."""
    checked = {check.part for check in checks}
    for question in questions:
        if left := [part for part in question.parts if part not in checked]:
            raise CourseError(
                f"{question.checks} has no check of {', '.join(left)}: write a function test_... with "
                f'@points(1, part="{left[0]}"), or take the part out of assignment.toml.'
            )


def _check_of(item: Any, assignment: Assignment) -> tuple[Check, Question]:
    declared = declared_by(item.function)
    where = f"{item.path}: {item.name}"
    question = next((q for q in assignment.questions if q.checks == item.path), None)
    if question is None:
        raise CourseError(
            f"{item.path} belongs to no question of {assignment.id}; its name must be test_<question>.py."
        )
    if declared.points is None:
        raise CourseError(f"{where} has no @points: say what the check is worth and for which part.")
    if declared.part not in question.parts:
        raise CourseError(
            f"{where} is for the part {declared.part!r}; {question.id} has {', '.join(question.parts)}: name one of "
            "these, or enter it among the question's parts in assignment.toml."
        )
    says = " ".join((item.function.__doc__ or "").split())
    if not says:
        raise CourseError(f"{where} has no docstring: it is the sentence that the student reads.")
    fixtures = item._fixtureinfo.name2fixturedefs
    if unknown := [name for name in item._fixtureinfo.names_closure if name not in fixtures and name != "request"]:
        raise CourseError(
            f"{where} asks for a fixture {unknown[0]}, and there is none; ours are {', '.join(FIXTURES)}."
        )
    for name, definitions in fixtures.items():
        if definitions[-1].scope != "function":
            raise CourseError(
                f"{where} uses the fixture {name} of scope {definitions[-1].scope}; only function scope is safe."
            )
    check = Check(
        id=item.name,
        question=question.id,
        part=declared.part,
        points=declared.points,
        bonus=declared.part in assignment.bonus,
        says=Text(says, question.persian.get("says", {}).get(item.name, "")),
    )
    if declared.minutes:
        check = replace(check, minutes=declared.minutes, threads=declared.threads, gpu=declared.gpu)
    return check, question


def _variants_can_be_used(questions: Iterable[Question]) -> None:
    """Read each of them now: found wrong later, whatever is not right would be ungraded."""
    for question in questions:
        for variant in range(variants_of(question)):
            given_of(question, variant)
