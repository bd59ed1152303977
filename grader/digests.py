"""What a finding rests on, as digests: when all of them are as they were, the finding is too, and nothing is run.

    files     the student's module, and what else of the hand-in it may read
    rule      the check with all that it names in its file, the solution, the variants, the words of its messages
    setting   this package and its libraries; for a check that trains or asks for data, profile, device and data sets

Who the student is (the draws are theirs, and so is the variant) goes into the key beside these three.
"""

from __future__ import annotations

import ast
import hashlib
import json
import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from grader.course import Assignment, Course, Question
from grader.data.cards import card
from grader.data.places import find
from grader.records import Check, Submission

PACKAGE = Path(__file__).parent
LIBRARIES = ("numpy", "torch", "sympy", "mpmath", "matplotlib", "pillow", "pytest", "msgpack", "safetensors")
JUDGING = ("checking", "sandbox", "data", "records.py", "course.py", "phrases.py", "phrases.toml")
ASK_FOR_DATA = frozenset({"dataset", "profile", "trained", "bars"})


@dataclass(frozen=True)
class Rule:
    """One check as it is known without collecting it: the record, the digest, and whether it asks for data."""

    check: Check
    digest: str
    asks_for_data: bool


def digest(*pieces: Any) -> str:
    """SHA-256 over values that JSON can write, and bytes."""
    whole = hashlib.sha256()
    for piece in pieces:
        data = piece if isinstance(piece, bytes) else json.dumps(piece, sort_keys=True).encode()
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()


@cache
def package_digest(*parts: str) -> str:
    """This package, or these parts of it, with the versions of Python and of what is imported."""
    roots = [PACKAGE / part for part in parts] or [PACKAGE]
    files = [path for root in roots for path in ([root] if root.is_file() else root.rglob("*")) if path.is_file()]
    texts = [(path.relative_to(PACKAGE).as_posix(), path) for path in files if path.suffix not in (".pyc", "")]
    libraries = {name: _version(name) for name in LIBRARIES}
    sources = [name.encode() + b"\0" + path.read_bytes() for name, path in sorted(texts)]
    return digest(platform.python_version(), platform.machine(), libraries, *sources)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def rules_of(assignment: Assignment, checks: Iterable[Check]) -> tuple[Rule, ...]:
    """The rule of every check. Comments, layout and statements for students are no part of it."""
    sources_of = cache(lambda question: _Sources(assignment.question(question)))
    found = []
    for check in checks:
        sources = sources_of(check.question)
        nodes, names = sources.closure(check.id.partition("[")[0])
        words = {
            "says": sources.persian.get("says", {}).get(check.id),
            "hints": sources.persian.get("hints", {}),
            "limits": dict(assignment.limits),
            "bars": _bars(assignment) if "bars" in names else {},
        }
        found.append(Rule(check, digest(nodes, sources.solution, words, check.part), bool(names & ASK_FOR_DATA)))
    return tuple(found)


def _bars(assignment: Assignment) -> dict[str, Any]:
    """What decides in bars.toml: how it was measured does not."""
    return {
        f"{measure}, {source}": [row.get(key) for key in ("bars", "shares", "sd")]
        for measure, rows in assignment.bars().items()
        for source, row in rows.items()
    }


class _Sources:
    """The checks' file and the solution of one question, parsed."""

    def __init__(self, question: Question) -> None:
        self.persian: Mapping[str, Any] = question.persian
        variants = question.source.with_suffix(".variants.toml")
        without = _without_docstrings(ast.parse(question.source.read_text(encoding="utf-8")))
        self.solution = [ast.dump(without), variants.read_text(encoding="utf-8") if variants.exists() else ""]
        self.tree = ast.parse(question.checks.read_text(encoding="utf-8"))
        self.named: dict[str, list[ast.stmt]] = {}
        self.always: list[ast.stmt] = []  # what runs for its own sake, when the file is imported or with every check
        for node in self.tree.body:
            names = list(_bound(node))
            for name in names:
                self.named.setdefault(name, []).append(node)
            if not names or names == ["pytestmark"] or _is_autouse(node):
                self.always.append(node)

    def closure(self, check: str) -> tuple[list[str], set[str]]:
        """What the check is made of, and every name in it."""
        todo, taken, names = [*self.always, *self.named.get(check, [])], set[ast.stmt](), set[str]()
        while todo:
            node = todo.pop()
            if node in taken:
                continue
            taken.add(node)
            fresh = set(_mentioned(node)) - names
            names |= fresh
            todo += [other for name in fresh for other in self.named.get(name, [])]
        return [ast.dump(node) for node in self.tree.body if node in taken], names


def _bound(node: ast.stmt) -> Iterator[str]:
    """The names that a statement of a module binds for others to use."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name))


def _mentioned(node: ast.stmt) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            yield inner.id
        elif isinstance(inner, ast.arg):  # a fixture of the same file, or one of ours
            yield inner.arg
        elif isinstance(inner, ast.Constant) and isinstance(inner.value, str):  # usefixtures("name")
            yield inner.value


def _is_autouse(node: ast.stmt) -> bool:
    """Whether it is a fixture that runs with every check, though none names it."""
    calls = [one for one in getattr(node, "decorator_list", ()) if isinstance(one, ast.Call)]
    return any(keyword.arg == "autouse" for call in calls for keyword in call.keywords)


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = node.body[ast.get_docstring(node, clean=False) is not None :]
    return tree


def files_digest(submission: Submission, question: str, questions: Iterable[str]) -> str:
    """The question's own module, all that is no question's, and the modules of others that any of these names."""
    others = {f"{name}.py": name.encode() for name in questions if name != question}
    own = {name: data for name, data in submission.files.items() if name not in others}
    named = {
        name: submission.files[name]
        for name, stem in others.items()
        if name in submission.files and any(stem in data for data in own.values())
    }
    return digest(*(piece for name, data in sorted({**own, **named}.items()) for piece in (name, data)))


def data_digest(course: Course, assignment: Assignment, data: Path | None) -> str:
    """The assignment's data sets as they would be found: card, and the files on disk by size and time."""
    states = []
    for name in assignment.data:
        known = card(course.datasets, name)
        found = None if known.generated else find(known, data)
        facts = [(p.name, (s := p.stat()).st_size, s.st_mtime_ns) for p in found.paths] if found else []
        states.append([name, (course.datasets / f"{name}.toml").read_text(encoding="utf-8"), facts])
    return digest(states)


def whose(course: Course, assignment: Assignment, student: str) -> str:
    """The student's draws and variant."""
    return digest(course.draw_key, course.term, assignment.id, student, course.variant_of(assignment.id, student))
