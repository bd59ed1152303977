"""Small wrong changes of a solution: hidden checks that notice none of them would let the same slips through.

Each mutant differs from the solution in one place of one region: a flipped sign, a dropped term, another axis, a
number off by one, a lost transpose, another reduction or comparison. Source: DeMillo, Lipton, Sayward, "Hints on Test
Data Selection", Computer 11(4), 1978, with operators chosen for arrays.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grader.authoring.stub import regions
from grader.course import Question
from grader.errors import CourseError
from grader.records import PART
from grader.toml_tables import read_toml

OTHER_OPERATOR: dict[type[ast.AST], Any] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
_PAIRS = ("mean sum", "max min", "argmax argmin", "amax amin", "maximum minimum", "any all", "std var", "floor ceil")
OTHER_REDUCTION = {a: b for pair in _PAIRS for a, b in (pair.split(), pair.split()[::-1])} | {"prod": "sum"}
GUARDS = ("strict",)  # zip(strict=True) changes nothing that a right answer does
AXES = ("axis", "dim")
TRANSPOSES = ("T", "mT")
MOVES = ("transpose", "permute", "swapaxes", "movedim", "moveaxis")


@dataclass(frozen=True)
class Mutant:
    """One changed place: its line by number and as it reads, the change as source, the whole module with it."""

    line: int
    place: str
    was: str
    now: str
    module: str


def mutants(question: Question, trained: frozenset[str] = frozenset()) -> Iterator[Mutant]:
    """Every mutant of a solution, in the order of its lines; those of trained parts are left out."""
    text = question.source.read_text(encoding="utf-8")
    lines = text.splitlines()
    inside = {n + 1 for region in regions(question.source, lines) for n in range(region.begin, region.end)}
    source = text.encode()
    starts = [0, *itertools.accumulate(len(line.encode()) + 1 for line in lines)]  # bytes, as ast counts columns
    tree = ast.parse(text)
    seen = set()
    for node in _nodes(tree, _left_out(tree, trained)):
        if isinstance(node, ast.stmt | ast.expr | ast.keyword) and node.lineno in inside:
            begin = starts[node.lineno - 1] + node.col_offset
            end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
            was = source[begin:end].decode()
            for now in _changes(node):
                if (begin, end, now) not in seen and now.strip("()") != was:
                    seen.add((begin, end, now))
                    module = (source[:begin] + now.encode() + source[end:]).decode()
                    yield Mutant(node.lineno, lines[node.lineno - 1].strip(), was, now, module)


def explained(question: Question) -> dict[tuple[str, str, str], str]:
    """(place, was, now) -> why this mutant is no mistake: `[[equivalent]]` tables of `<question>.mutants.toml`."""
    path = question.source.with_suffix(".mutants.toml")
    if not path.exists():
        return {}
    try:
        return {(row["place"], row["was"], row["now"]): row["why"] for row in read_toml(path)["equivalent"]}
    except KeyError as fault:
        raise CourseError(
            f"{path}: each [[equivalent]] has `place`, `was`, `now` and `why`; {fault} is missing."
        ) from fault


def _nodes(tree: ast.Module, left_out: set[str]) -> Iterator[ast.AST]:
    """What may change: no docstring, no annotation, nothing of functions that only trainings need."""
    todo: list[ast.AST] = [node for node in tree.body if getattr(node, "name", "") not in left_out]
    while todo:
        node = todo.pop(0)
        yield node
        if isinstance(node, ast.FunctionDef):
            defaults = [d for d in (*node.args.defaults, *node.args.kw_defaults) if d is not None]
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            todo[:0] = [*defaults, *body]
        elif not _stays(node):
            annotation = getattr(node, "annotation", None)
            todo[:0] = [child for child in ast.iter_child_nodes(node) if child is not annotation]


def _stays(node: ast.AST) -> bool:
    """What is no part of an answer: imports, messages, text that stands alone, guards."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    guard = isinstance(node, ast.keyword) and node.arg in GUARDS
    return guard or isinstance(node, ast.JoinedStr | ast.Import | ast.ImportFrom)


def _left_out(tree: ast.Module, trained: frozenset[str]) -> set[str]:
    """Functions and classes of trained parts, and what nobody else uses."""
    tops = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    parts = {name: PART.match(ast.get_docstring(node) or "") for name, node in tops.items()}
    judged = [name for name, part in parts.items() if part is not None and part.group(1) not in trained]
    needed: set[str] = set()
    while judged:
        name = judged.pop()
        if name not in needed:
            needed.add(name)
            judged += [n.id for n in ast.walk(tops[name]) if isinstance(n, ast.Name) and n.id in tops]
    return set(tops) - needed


def _changes(node: ast.AST) -> Iterator[str]:
    """The wrong things that could stand in a node's place, as source."""
    match node:
        case ast.BinOp(left, operator, right):
            if (other := OTHER_OPERATOR.get(type(operator))) is not None:
                yield _source(ast.BinOp(left, other(), right))
            if isinstance(operator, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.Pow):
                yield _source(left)
            if isinstance(operator, ast.Add | ast.Mult):
                yield _source(right)
            if isinstance(operator, ast.MatMult):
                yield _source(ast.BinOp(right, operator, left))
        case ast.AugAssign(target, operator, value) if type(operator) in OTHER_OPERATOR:
            yield ast.unparse(ast.AugAssign(target, OTHER_OPERATOR[type(operator)](), value))
            yield ast.unparse(ast.Assign([target], value, lineno=node.lineno))
        case ast.UnaryOp(ast.USub() | ast.Not(), operand):
            yield _source(operand)
        case ast.Compare(left, [operator], [right]) if type(operator) in OTHER_OPERATOR:
            yield _source(ast.Compare(left, [OTHER_OPERATOR[type(operator)]()], [right]))
        case ast.BoolOp(operator, values):
            yield _source(ast.BoolOp(OTHER_OPERATOR[type(operator)](), values))
        case ast.Attribute(value, name) if name in TRANSPOSES:
            yield _source(value)
        case ast.Attribute(value, name) if name in OTHER_REDUCTION:
            yield _source(ast.Attribute(value, OTHER_REDUCTION[name]))
        case ast.Call(ast.Attribute(value, name), arguments) if name in MOVES and arguments:
            yield _source(value if not _is_module(value) else arguments[0])
        case ast.Call(ast.Name(name), arguments, keywords) if name in OTHER_REDUCTION:
            yield _source(ast.Call(ast.Name(OTHER_REDUCTION[name]), arguments, keywords))
        case ast.keyword(name, value) if name in AXES:
            yield from (f"{name}={axis}" for axis in _other_axes(value))
        case ast.Constant(bool(value)):
            yield str(not value)
        case ast.Constant(int(value)):
            yield str(value + 1)
            yield _source(ast.Constant(value - 1))
        case ast.Constant(str(value)):
            yield from (repr(other) for other in _other_formulas(value))


def _source(node: ast.expr) -> str:
    text = ast.unparse(node)
    plain = isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.List | ast.Tuple | ast.Dict)
    return text if plain or (isinstance(node, ast.Constant) and not text.startswith("-")) else f"({text})"


def _is_module(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "torch")


def _other_axes(value: ast.expr) -> Iterator[str]:
    match value:
        case ast.Constant(int(axis)):
            yield str(0 if axis else 1)
        case ast.UnaryOp(ast.USub(), ast.Constant(1)):
            yield "0"
        case ast.Tuple([first, *rest]) if rest:
            yield _source(first)


def _other_formulas(text: str) -> Iterator[str]:
    """A formula with one sign flipped; words have no sign."""
    for sign in re.finditer(r"(?<=[\w)] )[+-](?= [\w(])|^-(?=\w)", text):
        other = {"+": "-", "-": "+"}[sign[0]] if sign.start() else ""
        yield text[: sign.start()] + other + text[sign.end() :]
