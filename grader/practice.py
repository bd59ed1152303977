"""The student's own half: run the examples of a stub's docstrings, on any system, with nothing but Python.

Each module runs in a child process, so that code that exits or crashes ends itself and not the check.
"""

from __future__ import annotations

import doctest
import functools
import importlib.util
import inspect
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grader.phrases import phrase
from grader.records import PART, Text

SECONDS = 120  # for one module's examples: a hang is said, not waited for
OK, NO, UNWRITTEN = "ok", "no", "not written yet"
NOTHING = Text("")


@dataclass(frozen=True)
class Result:
    """How the examples of one function ended: `state` is ok, no, or not written yet; `told` is what went wrong."""

    part: str
    name: str
    state: str
    told: Text = NOTHING


def check_module(path: Path) -> list[Result]:
    """The results of one module, in its order; a module that cannot be imported is one result."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        command = [sys.executable, "-m", "grader.practice", str(path), str(answer)]
        try:
            ended = subprocess.run(
                command,
                timeout=SECONDS,
                stdin=subprocess.DEVNULL,  # a module that asks for input is told so, not waited for
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return [Result("", path.stem, NO, phrase("practice.deadline", seconds=SECONDS))]
        if not answer.exists():
            return [Result("", path.stem, NO, phrase("practice.died", status=ended.returncode))]
        found = json.loads(answer.read_text(encoding="utf-8"))
        return [Result(**{**entry, "told": Text(**entry["told"])}) for entry in found]


def results_of(path: Path) -> list[Result]:
    """Import the module and run the examples of each public function; in this process."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except BaseException as fault:  # SyntaxError, and whatever the module's own top does
        return [Result("", path.stem, NO, Text(_raised(fault, path)))]
    tests = doctest.DocTestFinder(exclude_empty=False).find(module, path.stem)
    own = [test for test in tests if test.name != path.stem and not test.name.rpartition(".")[2].startswith("_")]
    return [_run(test, path) for test in sorted(own, key=lambda test: test.lineno or 0) if test.examples]


def _run(test: doctest.DocTest, path: Path) -> Result:
    part = PART.match((test.docstring or "").strip())
    runner = _Runner(path)
    for called, value in test.globs.items():
        if inspect.isfunction(value) and value.__module__ == path.stem:
            test.globs[called] = runner.watching(value)
    runner.run(test, out=lambda text: None, clear_globs=False)
    name = test.name.partition(".")[2]
    state = UNWRITTEN if runner.unwritten else NO if runner.failures else OK
    return Result(part.group(1) if part else "", name, state, NOTHING if state is UNWRITTEN else runner.told)


class _Runner(doctest.DocTestRunner):
    """Keeps the first example that went wrong, in a student's words."""

    def __init__(self, path: Path) -> None:
        super().__init__(verbose=False)
        self.told = NOTHING
        self.path = path
        self.unwritten = False
        self.failures = 0

    def watching(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function as the examples call it; an answer with a cell still `...` is one that is not written yet."""

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            answer = function(*args, **kwargs)
            self.unwritten |= _is_open(answer)
            return answer

        return called

    def report_failure(self, out: Any, test: Any, example: doctest.Example, got: str) -> None:
        self._keep(phrase("practice.differs", example=_typed(example), want=example.want.strip(), got=got.strip()))

    def report_unexpected_exception(self, out: Any, test: Any, example: doctest.Example, exc_info: Any) -> None:
        kind, fault, _ = exc_info
        self.unwritten |= kind is NotImplementedError
        self._keep(Text(f"{_typed(example)}\n    {_raised(fault, self.path)}"))

    def _keep(self, text: Text) -> None:
        self.failures += 1
        if self.told is NOTHING:
            self.told = text


def _typed(example: doctest.Example) -> str:
    return f">>> {example.source.strip()}"


def _raised(fault: BaseException, path: Path) -> str:
    line = fault.lineno if isinstance(fault, SyntaxError) else _line_in(fault, path)
    return f"{type(fault).__name__}: {fault}{f' (line {line})' if line else ''}"


def _is_open(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_is_open, value.values()))
    return any(map(_is_open, value)) if isinstance(value, list | tuple) else value is ...


def _line_in(fault: BaseException, path: Path) -> int:
    line, trace = 0, fault.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def word(state: str) -> Text:
    return phrase({OK: "practice.ok", NO: "practice.no", UNWRITTEN: "practice.unwritten"}[state])


if __name__ == "__main__":
    outcome = [asdict(result) for result in results_of(Path(sys.argv[1]).resolve())]
    Path(sys.argv[2]).write_text(json.dumps(outcome), encoding="utf-8")
