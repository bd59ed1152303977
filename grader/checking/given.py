"""The numbers of a hand calculation: `GIVEN` in the question's module is variant 0, the others lie beside it in TOML.

Separate from the check's context because a release and `grader verify` need the numbers where nothing is checked.
"""

from __future__ import annotations

import ast
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from grader.course import Question
from grader.errors import CourseError
from grader.toml_tables import read_toml


def given_of(question: Question, variant: int) -> dict[str, Any]:
    """The numbers of a variant of the hand calculations, a copy of one's own; {} for a question without any."""
    return deepcopy(given_in(question.source, variant))


def variants_of(question: Question) -> int:
    """How many variants the question has; 1 for one without any."""
    path = question.source.with_suffix(".variants.toml")
    return 1 + len(_others(path)) if path.exists() else 1


@cache
def given_in(source: Path, variant: int) -> dict[str, Any]:
    """The same numbers, shared by all who ask: nobody may change them."""
    if variant == 0:
        return _literal_given(source)
    first = given_in(source, 0)
    if not first:
        return first
    path = source.with_suffix(".variants.toml")
    others = _others(path)
    if variant > len(others):
        raise CourseError(f"{path} has {len(others)} variants; variant {variant} was asked.")
    own = others[variant - 1]
    if set(own) != set(first):
        raise CourseError(f"{path}: variant {variant} has {', '.join(own)}; GIVEN has {', '.join(first)}.")
    return {key: _shaped(own[key], value) for key, value in first.items()}


@cache
def _others(path: Path) -> list[dict[str, Any]]:
    table = read_toml(path)
    others = table.get("variant")
    if len(table) != 1 or not isinstance(others, list) or not all(isinstance(own, dict) for own in others):
        raise CourseError(f"{path}: [[variant]] tables and nothing else were asked, each with the keys of GIVEN.")
    return others


def _literal_given(source: Path) -> dict[str, Any]:
    try:
        module = ast.parse(source.read_text(encoding="utf-8"))
    except SyntaxError as fault:
        raise CourseError(f"{source}:{fault.lineno}: {fault.msg}: the question is not Python.") from fault
    node = given_node(module)
    if node is None:
        return {}
    try:
        found = ast.literal_eval(node.value)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise CourseError(f"{source}:{node.lineno}: GIVEN must be a literal dict: it is read, not run.")
    return found


def given_node(module: ast.Module) -> ast.Assign | None:
    """The statement `GIVEN = ...` at the top of a module; None where there is none."""
    for node in module.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "GIVEN" for t in node.targets):
            return node
    return None


def _shaped(value: Any, like: Any) -> Any:
    """TOML knows no tuples: a list becomes one where variant 0 has one."""
    if isinstance(like, tuple):
        return tuple(_shaped(item, like[min(i, len(like) - 1)]) if like else item for i, item in enumerate(value))
    return value
