"""What each part is worth, added up from the checks' own @points, read without running them."""

from __future__ import annotations

import ast
from fractions import Fraction

from grader.course import Assignment, Question
from grader.errors import CourseError


def part_points(assignment: Assignment) -> dict[str, Fraction]:
    """Points by part, essays included, in the assignment's order."""
    worth: dict[str, Fraction] = {}
    for question in assignment.questions:
        worth.update(dict.fromkeys(question.parts, Fraction(0)))
        for part, points in _marked(question):
            worth[part] = worth.get(part, Fraction(0)) + points
    for essay in assignment.essays:
        worth[essay.part] = essay.points
    return worth


def _marked(question: Question) -> list[tuple[str, Fraction]]:
    try:
        tree = ast.parse(question.checks.read_text(encoding="utf-8"))
    except (OSError, SyntaxError) as fault:
        raise CourseError(f"{question.checks} cannot be read: {fault}.") from fault
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            marks = [marked for decorator in node.decorator_list if (marked := _points_in(decorator)) is not None]
            if not marks:
                raise CourseError(f'{question.checks}: {node.name} has no @points(2, part="q1a") written out so.')
            found += marks
    return found


def _points_in(decorator: ast.expr) -> tuple[str, Fraction] | None:
    match decorator:
        case ast.Call(
            func=ast.Name(id="points"),
            args=[ast.Constant(value=int() | float() as worth)],
            keywords=[ast.keyword(arg="part", value=ast.Constant(value=str(part)))],
        ):
            return part, Fraction(worth)
    return None
