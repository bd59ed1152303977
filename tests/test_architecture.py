"""The tree says what the program is: arrows point one way, every dependency has one doorway, names mean something."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.sample_course import ROOT, python

PACKAGE = ROOT / "grader"

# From the bottom up. A module or package may import those of lower lines, never one of its own line or of a higher one.
ORDER = [
    ["errors"],
    ["records"],
    ["toml_tables"],
    ["course", "phrases"],
    [
        "names",
        "disk",
        "tarball",
        "store",
        "lms",
        "encodings",
        "spreadsheet",
        "marks",
        "labels",
        "hostile_samples",
    ],  # small things that several steps share
    ["archives", "cells", "roster", "pages", "data", "sandbox", "journal"],
    ["drawing", "checking", "report_card", "download", "digests", "changes"],
    ["finding_cache", "collect", "unpack", "notebooks", "essays", "score", "feedback"],  # the steps: one straight line
    ["results", "marksheets"],  # of a class, all steps done; what is on disk then
    ["report", "pools", "authoring", "examples", "doctor", "plan", "exchange", "marking", "export"],
    ["gradebook"],
    ["class_pages"],
    ["run", "demo"],
    ["submitted"],
    ["cli"],
    ["__main__"],
]

# Who may import what is not ours: one doorway, or the one package that is about it.
DOORWAYS = {
    "nbformat": ["notebooks", "report_card"],  # reads what students hand in; makes what they receive
    "nbgrader": ["exchange", "gradebook"],
    "sqlalchemy": ["gradebook.book"],  # what nbgrader's gradebook raises
    "traitlets": ["exchange", "gradebook"],  # what nbgrader is configured by
    "jinja2": ["pages.render"],
    "matplotlib": ["sandbox.warm", "drawing"],  # the workers, and the one drawing file
    "msgpack": ["sandbox.wire"],
    "sqlite3": ["journal"],
    "pytest": ["checking.rerun", "checking.plugin", "checking.template"],
    "click": ["cli"],
    "rich": ["cli", "data"],
    "requests": ["data.fetch"],
    "platformdirs": ["data.places"],
    "PIL": ["data", "sandbox.warm"],
    "safetensors": ["sandbox.weights"],
    "distributed": ["pools.cluster"],
    "sympy": ["sandbox"],
    "torch": ["sandbox", "checking"],
    "numpy": ["sandbox", "checking", "data"],
    "mpmath": ["checking.symbolic.evaluate"],
    "markupsafe": ["pages", "drawing", "feedback", "report"],
    # What only POSIX has stays with those who isolate and fork.
    "resource": ["sandbox", "checking.template", "checking.symbolic.server"],  # who start processes with limits
    "fcntl": ["sandbox"],
    "pwd": [],
    "grp": [],
    "termios": [],
}
# Imported name -> the declared distribution that brings it, where the two differ.
DISTRIBUTIONS = {"PIL": "pillow", "markupsafe": "jinja2", "traitlets": "nbgrader", "sqlalchemy": "nbgrader"}
MEANINGLESS = {"utils", "util", "helpers", "common", "base", "manager", "misc", "core"}


@cache
def modules() -> dict[str, Path]:
    """Every module of the package by its name below `grader`, packages without `__init__`."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path, *, at_import: bool = False) -> Iterator[str]:
    """Full names of what a file imports, but for type checkers; `at_import`: only what runs when it is imported."""
    todo: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if at_import and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively; write the whole name"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        todo += ast.iter_child_nodes(node)


def ours(path: Path, *, at_import: bool = False) -> set[str]:
    """The modules of the package that a file imports, by name below `grader`."""
    known = modules()
    found = set()
    for name in imports(path, at_import=at_import):
        head, _, rest = name.partition(".")
        if head == "grader":
            found.add(rest if rest in known else rest.rpartition(".")[0])
    return found - {""}


def line_of(module: str) -> int:
    unit = module.split(".")[0]
    return next(number for number, line in enumerate(ORDER) if unit in line)


def test_every_module_has_its_place_in_the_order() -> None:
    """A new module is placed in the order before anybody can import it."""
    placed = [unit for line in ORDER for unit in line]

    assert sorted({name.split(".")[0] for name in modules()} - {""}) == sorted(placed)


def test_arrows_point_one_way() -> None:
    """A module imports what stands on lower lines, and within its own package; never up or across."""
    arrows = [(name, other) for name, path in modules().items() if name for other in ours(path)]
    wrong = [(n, o) for n, o in arrows if n.split(".")[0] != o.split(".")[0] and line_of(o) >= line_of(n)]

    assert not wrong, [f"grader.{name} may not import grader.{other}" for name, other in wrong]


def test_the_page_tells_them_from_the_top() -> None:
    """In CONTRIBUTING's table every module stands above those that it imports."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## How the code is laid out")[2]
    rows = re.findall(r"^\| `(\w+)` \| ", page, re.MULTILINE)
    arrows = {(name.split(".")[0], other.split(".")[0]) for name, path in modules().items() for other in ours(path)}
    wrong = [(n, o) for n, o in arrows if n != o and n in rows and rows.index(o) < rows.index(n)]

    assert not wrong, [f"{other} stands above {name}, which imports it" for name, other in wrong]


def test_the_surface_imports_nothing_when_it_is_imported() -> None:
    """`grader` itself loads its names when they are first used."""
    assert not ours(modules()[""], at_import=True)


def test_no_module_waits_for_itself() -> None:
    """Following what is imported at import time never leads back to where it began."""
    known = modules()
    arrows = {name: ours(path, at_import=True) - {name} for name, path in known.items()}
    while leaves := [name for name, targets in arrows.items() if not targets & set(arrows)]:
        for name in leaves:
            del arrows[name]

    assert not arrows, f"a circle among {', '.join(sorted(arrows))}"


@pytest.mark.parametrize(
    ("room", "below"),
    [
        ("data", {"errors", "records", "phrases"}),  # a student uses data sets without the engine
        ("checking.symbolic", {"errors", "records", "phrases", "sandbox.kernel"}),  # formulas know no checks
    ],
)
def test_what_can_be_used_alone_stands_on_little(room: str, below: set[str]) -> None:
    """Some rooms know nothing of those who use them."""
    mine = {name for name in modules() if name == room or name.startswith(f"{room}.")}
    reached = {other for name in mine for other in ours(modules()[name])}

    assert reached - mine <= below


@cache
def foreign() -> dict[str, set[str]]:
    """What is not ours and not Python's own, with the modules that import it."""
    found: dict[str, set[str]] = {}
    for name, path in modules().items():
        for other in imports(path):
            head = other.split(".")[0]
            if head not in ("grader", "__future__"):
                found.setdefault(head, set()).add(name)
    return found


def users(dependency: str) -> dict[str, set[str]]:
    """Who imports a dependency, by the door of the table behind which they stand."""
    doors, names = DOORWAYS[dependency], foreign().get(dependency, set())
    return {door: {name for name in names if name == door or name.startswith(f"{door}.")} for door in doors}


@pytest.mark.parametrize("dependency", DOORWAYS)
def test_one_doorway_a_dependency(dependency: str) -> None:
    """A dependency is imported where the table says and nowhere else: there it can be exchanged."""
    strangers = foreign().get(dependency, set()).difference(*users(dependency).values())

    assert not strangers, f"{dependency} is imported by {', '.join(sorted(strangers))}; see {DOORWAYS[dependency]}"


@pytest.mark.parametrize("dependency", DOORWAYS)
def test_every_door_is_used(dependency: str) -> None:
    """The table allows nobody what nobody needs: a door through which nothing comes is taken out."""
    assert [door for door, names in users(dependency).items() if not names] == []


def test_every_dependency_is_declared_and_has_a_doorway() -> None:
    """What is imported is in pyproject.toml, and in the table of doorways."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(x for extra in project["optional-dependencies"].values() for x in extra)]
    declared = {line.replace("[", " ").replace(">", " ").replace("=", " ").split()[0] for line in lines}
    used = {name for name in foreign() if name not in sys.stdlib_module_names}

    assert {DISTRIBUTIONS.get(name, name) for name in used} <= declared
    assert used <= set(DOORWAYS)


def test_names_are_nouns_and_verbs_of_the_field() -> None:
    """No module is called what says nothing."""
    assert [name for name in modules() if MEANINGLESS & set(name.split("."))] == []


def test_every_module_opens_with_a_sentence() -> None:
    """The first thing in a file is what it is for, and a sentence ends with a full stop."""
    texts = {name: path.read_text(encoding="utf-8") for name, path in modules().items()}
    openings = {
        name: (ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0] for name, text in texts.items() if text
    }

    assert [name for name, opening in openings.items() if not opening.endswith((".", ":"))] == []


def test_a_module_is_one_thought() -> None:
    """About 350 lines is where to ask; over 400 the answer is two files."""
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in modules().items()}

    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_importing_the_surface_is_cheap() -> None:
    """`import grader` needs neither pytest nor torch, nor any library: a student's editor imports it in no time."""
    heavy = ("pytest", "torch", "numpy", "sympy", "matplotlib", "msgpack", "rich", "click")
    ended = python("-c", f"import grader, sys; print([m for m in {heavy} if m in sys.modules])", cwd=ROOT)

    assert (ended.returncode, ended.stdout.strip()) == (0, "[]"), ended.stderr


def test_the_command_line_starts_without_the_heavy_ones() -> None:
    """`grader --help` loads no torch, no pytest and no sympy."""
    heavy = ("pytest", "torch", "numpy", "sympy", "matplotlib", "msgpack")
    ended = python("-c", f"import grader.cli, sys; print([m for m in {heavy} if m in sys.modules])", cwd=ROOT)

    assert (ended.returncode, ended.stdout.strip()) == (0, "[]"), ended.stderr
