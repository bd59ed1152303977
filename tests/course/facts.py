"""What the tests of every homework ask of its files: figures, languages, imports, examples and variants."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from pathlib import Path

from grader.checking.given import given_of, variants_of
from grader.course import Question
from tests.sample_course import ROOT, python

STUDENTS_HAVE = {"numpy", "torch", "sympy", "matplotlib", "PIL", *sys.stdlib_module_names}
EXAMPLES = """
import sys
from pathlib import Path
from grader.examples import results_of
for path in map(Path, sys.argv[1:]):
    for result in results_of(path):
        print(path.stem, result.name, result.state, result.told.en.replace(chr(10), " "), sep="|")
"""


def figures(question: Question, expression: str) -> object:
    """What the solution gives, evaluated beside it in a process of its own."""
    code = f"import runpy; names = runpy.run_path({str(question.source)!r}); print(repr(eval({expression!r}, names)))"
    ended = python("-c", code, cwd=ROOT)
    assert ended.returncode == 0, ended.stderr
    return ast.literal_eval(ended.stdout)


def in_both_languages(question: Question) -> None:
    """Statement, check sentences and hints: the Persian file has exactly the keys that the checks use."""
    tree = ast.parse(question.checks.read_text(encoding="utf-8"))
    checks = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
    hints = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hint"
        if isinstance(node.args[0], ast.Constant)
    }

    assert len(question.persian["statement"]) > 200
    assert set(question.persian.get("says", {})) == checks
    assert set(question.persian.get("hints", {})) == hints


def imported(path: Path) -> set[str]:
    """The packages that a module imports, by their top-level names."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in names}


def examples(modules: Iterable[Path]) -> list[list[str]]:
    """How the examples of each function end: [module, function, state, what went wrong]."""
    ended = python("-c", EXAMPLES, *map(str, modules), cwd=ROOT)
    assert ended.returncode == 0, ended.stderr
    return [line.split("|") for line in ended.stdout.splitlines()]


def different_variants(question: Question) -> int:
    """How many variants of a question's numbers there are that differ from one another."""
    return len({repr(given_of(question, variant)) for variant in range(variants_of(question))})
