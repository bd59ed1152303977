"""A notebook's code cells become one module's text a question: whose each cell is, and which statements are kept.

Nothing is executed. Separate from notebooks.py because this is where the course's rules are, not the file format's; it
parses students' text, so it runs in the helper process that notebooks.py starts.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from grader.names import shown
from grader.phrases import phrase
from grader.records import Text

MOST_BYTES = 16 * 2**20  # of a notebook, pictures and all: one of ours without them has some 50 KiB
MOST_MAGICS = 200  # in one cell; each costs one parse
MOST_SHOWN = 5  # dropped statements that the note quotes
PYTHON_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")  # what follows them in the cell is still Python
FUTURE = "from __future__ import annotations\n"

_DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_COMPREHENSION = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_RUNNING = (*_COMPREHENSION, ast.Call, ast.Await, ast.NamedExpr, ast.Yield, ast.YieldFrom)
_ASSIGNED_MAGIC = re.compile(r"\w+\s*=\s*[%!]")
_DEFINED = re.compile(r"^(?:async\s+def|def|class)\s+(\w+)", re.MULTILINE)
_COMMENT = re.compile(r"#\s*(\w+)\s*:?\s*")


@dataclass(frozen=True)
class Cell:
    """One code cell: its number in the notebook from 1, its tags, its source with \\n between lines."""

    number: int
    tags: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class _Parsed:
    cell: Cell
    source: str  # magic lines are `pass`
    statements: list[ast.stmt] | None  # None: a syntax error
    fault: str = ""


def names_of(questions: Iterable[str]) -> dict[str, str]:
    """What students may call each question: q2_rows and q2 are q2_rows."""
    return {name: question for question in questions for name in (question, question.split("_", 1)[0])}


def to_sources(
    cells: list[Cell], stubs: Mapping[str, str], notebook: str, owner: str = ""
) -> tuple[dict[str, str], list[Text]]:
    """The modules that the cells make, by question id, and notes for the student.

    A cell belongs to the questions that its tags name (`q2_conv_backprop` or `q2`), else its first line's comment, else
    to those whose public names it defines, if only one stub has that name, else to `owner` (a question that the
    notebook is named for), else to nobody: then every module gets it. A module is its stub followed by nobody's and its
    own cells in the notebook's order; a later definition wins. Kept are imports, functions, classes and simple
    assignments (names on the left; on the right no call, comprehension, await or walrus outside a lambda), unless they
    use at once what only a dropped statement gave. A question's own cell with a syntax error is kept as it stands.
    """
    notes: list[Text] = []
    plan = _plan(cells, stubs, notebook, owner, notes)
    dropped: dict[tuple[int, int], str] = {}
    sources = {}
    for question, stub in stubs.items():
        if any(question in owners and _says_something(parsed) for parsed, owners in plan):
            mine = [(parsed, bool(owners)) for parsed, owners in plan if not owners or question in owners]
            sources[question] = _module(stub, mine, notebook, dropped)
    if not sources and any(isinstance(s, _DEFINITION) for parsed, _ in plan for s in parsed.statements or []):
        notes.append(phrase("notebook.nothing", notebook=notebook))
    if sources and dropped:
        quoted = "; ".join(f"[{cell}] {text}" for (cell, _), text in sorted(dropped.items())[:MOST_SHOWN])
        more = "; …" if len(dropped) > MOST_SHOWN else ""
        notes.append(phrase("notebook.dropped", notebook=notebook, count=len(dropped), statements=quoted + more))
    return sources, notes


def _plan(
    cells: list[Cell], stubs: Mapping[str, str], notebook: str, owner: str, notes: list[Text]
) -> list[tuple[_Parsed, set[str]]]:
    """Each cell with its questions, but for nobody's broken ones; `notes` gets what is unclear or broken."""
    lookup = names_of(stubs)
    asked = {question: _public_names(stub) for question, stub in stubs.items()}
    how_many = Counter(name for names in asked.values() for name in names)
    plan: list[tuple[_Parsed, set[str]]] = []
    for cell in cells:
        place = {"notebook": notebook, "cell": cell.number}
        parsed = _parse(cell)
        defined = _defined(parsed)
        owners = _named_owners(cell, lookup) or {
            question for question, names in asked.items() if any(how_many[name] == 1 for name in names & defined)
        }
        owners = owners or ({owner} if owner else set())
        in_several = [name for name in defined if how_many[name] > 1 and not name.isupper()]  # GIVEN is in many stubs
        if not owners and in_several:
            notes.append(phrase("notebook.unclear", name=min(in_several), **place))
        if parsed.statements is None and not owners:
            notes.append(phrase("notebook.broken_shared", why=parsed.fault, **place))
            continue
        if parsed.statements is None:
            files = sorted(f"{question}.py" for question in owners)
            notes += [phrase("notebook.broken", file=file, why=parsed.fault, **place) for file in files]
        plan.append((parsed, owners))
    return plan


def _module(stub: str, plan: list[tuple[_Parsed, bool]], notebook: str, dropped: dict[tuple[int, int], str]) -> str:
    """The stub and the kept statements of the cells; `dropped` gets (cell, line) -> first line of each left out.

    An import of nobody's cell that fails must hurt only who uses it (google.colab is in many notebooks): it is tried.
    """
    bound = {name for statement in _parsed(stub).body for name in _bound(statement)}
    lost: set[str] = set()
    blocks = [stub.rstrip("\n")]
    needs_future = False
    for parsed, is_own in plan:
        lines = [f"\n\n# {shown(notebook)}, cell {parsed.cell.number}"]
        if parsed.statements is None:
            blocks.append(f"{lines[0]}\n{parsed.source}")
            continue
        encoded = parsed.source.encode().split(b"\n")
        for statement in parsed.statements:
            text = _segment(encoded, statement)
            if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
                needs_future = True
            elif _is_kept(statement) and not (_used_at_once(statement) & (lost - bound)):
                bound.update(_bound(statement))
                is_tried = not is_own and isinstance(statement, ast.Import | ast.ImportFrom)
                lines.append(f"try:\n    {text}\nexcept ImportError:\n    pass" if is_tried else text)
            elif not _says_nothing(statement):
                lost.update(_bound(statement))
                dropped[parsed.cell.number, statement.lineno] = shown(" ".join(text.split("\n", 1)[0].split()), 60)
        blocks.append("\n".join(lines))
    return (FUTURE if needs_future and FUTURE not in stub else "") + "\n".join(blocks) + "\n"


def _is_kept(statement: ast.stmt) -> bool:
    if isinstance(statement, (*_DEFINITION, ast.Import, ast.ImportFrom)):
        return True
    if isinstance(statement, ast.Assign):
        return all(map(_is_names, statement.targets)) and _is_simple(statement.value)
    if isinstance(statement, ast.AnnAssign | ast.AugAssign):
        return _is_names(statement.target) and (statement.value is None or _is_simple(statement.value))
    return False


def _says_something(parsed: _Parsed) -> bool:
    return parsed.statements is None or any(map(_is_kept, parsed.statements))


def _says_nothing(statement: ast.stmt) -> bool:
    is_constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass) or is_constant


def _is_names(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple | ast.List):
        return all(map(_is_names, target.elts))
    return isinstance(target, ast.Name)


def _is_simple(value: ast.expr) -> bool:
    return not any(isinstance(node, _RUNNING) for node in _at_once(value))


def _at_once(top: ast.AST) -> Iterator[ast.AST]:
    """The nodes that are evaluated when `top` is: all but the insides of functions and lambdas."""
    waiting = [top]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = node.args
            every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
            hints = [argument.annotation for argument in every if argument]
            now = [*node.decorator_list, *arguments.defaults, *arguments.kw_defaults, *hints, node.returns]
            waiting += [part for part in now if part]
        elif isinstance(node, ast.Lambda):
            waiting += [part for part in (*node.args.defaults, *node.args.kw_defaults) if part]
        else:
            waiting += ast.iter_child_nodes(node)


def _used_at_once(statement: ast.stmt) -> set[str]:
    return {node.id for node in _at_once(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _bound(statement: ast.stmt) -> set[str]:
    """The names that a statement gives at module level, those inside its blocks too."""
    names: set[str] = set()
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, _DEFINITION):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".", 1)[0])
        elif isinstance(node, ast.Name):
            names.update([node.id] if isinstance(node.ctx, ast.Store) else [])
        elif not isinstance(node, (ast.Lambda, *_COMPREHENSION)):
            waiting += ast.iter_child_nodes(node)
    return names


def _named_owners(cell: Cell, lookup: Mapping[str, str]) -> set[str]:
    if tagged := {lookup[tag] for tag in cell.tags if tag in lookup}:
        return tagged
    comment = _COMMENT.fullmatch(cell.source.lstrip("\n").split("\n", 1)[0])
    return {lookup[comment[1]]} if comment and comment[1] in lookup else set()


def _defined(parsed: _Parsed) -> set[str]:
    if parsed.statements is None:
        return set(_DEFINED.findall(parsed.source))
    return {name for statement in parsed.statements if _is_kept(statement) for name in _bound(statement)}


def _public_names(stub: str) -> set[str]:
    body = [node for node in _parsed(stub).body if isinstance(node, (*_DEFINITION, ast.Assign, ast.AnnAssign))]
    return {name for statement in body for name in _bound(statement) if not name.startswith("_")}


def _parse(cell: Cell) -> _Parsed:
    """The cell's statements. A magic is no Python, so the line that a syntax error names is blanked if it looks so."""
    source = cell.source
    first = source.lstrip().split("\n", 1)[0]
    if first.startswith("%%") and first.split()[0] not in PYTHON_MAGICS:
        return _Parsed(cell, "", [])
    lines = source.split("\n")
    for _ in range(MOST_MAGICS):
        try:
            return _Parsed(cell, "\n".join(lines), _parsed("\n".join(lines)).body)
        except SyntaxError as fault:
            why, at = shown(f"{fault.msg}, line {fault.lineno}"), (fault.lineno or 0) - 1
            if not (0 <= at < len(lines) and _is_magic(lines[at])):
                break
            lines[at] = lines[at][: len(lines[at]) - len(lines[at].lstrip())] + "pass"
    return _Parsed(cell, "\n".join(lines), None, why)


def _is_magic(line: str) -> bool:
    bare = line.strip()
    return bare.startswith(("%", "!", "?")) or bare.endswith("?") or _ASSIGNED_MAGIC.match(bare) is not None


def _parsed(source: str) -> ast.Module:
    """The syntax tree; SyntaxError for everything that Python's parser refuses, however it says so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an odd escape such as "\d" is the student's business
        try:
            return ast.parse(source)
        except (ValueError, RecursionError, MemoryError) as fault:  # zero bytes; nested too deeply
            raise SyntaxError(str(fault) or "nested too deeply") from fault


def _segment(lines: list[bytes], statement: ast.stmt) -> str:
    """The statement's own text, decorators included; columns count bytes of UTF-8."""
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
    last = statement.end_lineno or first
    chosen = lines[first - 1 : last]
    chosen[-1] = chosen[-1][: statement.end_col_offset]
    chosen[0] = chosen[0][0 if decorators else statement.col_offset :]
    return b"\n".join(chosen).decode()
