"""The student's own half: run the examples of a stub's docstrings, on any system, with nothing but Python.

Each module runs in a child process, so that code that exits or crashes ends itself and not the check.
"""

from __future__ import annotations

import doctest
import functools
import importlib.util
import inspect
import json
import re
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

from grader.encodings import encoding_note
from grader.phrases import phrase
from grader.records import PART, Text

SECONDS = 120  # for one module's examples: a hang is said, not waited for
PATIENCE = 2.0  # seconds: a function that takes longer is named while it runs
MOMENT = 0.1  # seconds between two looks at what the child has told
OK, NO, UNWRITTEN, GIVEN, RUNNING = "ok", "no", "unwritten", "given", "running"  # as phrases.toml names their words
READY_MADE = re.compile(PART.pattern + r" given to you: ")  # the docstring of what a stub brings along whole
NOTHING = Text("")


@dataclass(frozen=True)
class Result:
    """How the examples of one function ended, or that they run: `state` is one of the words above.

    `told` is what went wrong.
    """

    part: str
    name: str
    state: str
    told: Text = NOTHING


def check_module(path: Path) -> Iterator[Result]:
    """The results of one module as they come; a module that cannot be imported is one result.

    A function that takes long is `running` first. KeyboardInterrupt names what ran.
    """
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.jsonl"
        told.touch()
        child = subprocess.Popen(
            # -B: where bytecode lies, Python takes two versions of one size and one second for the same
            [sys.executable, "-B", "-m", "grader.examples", str(path), str(told)],
            stdin=subprocess.DEVNULL,  # a module that asks for input is told so, not waited for
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield from _followed(child, told, Result("", path.stem, RUNNING))
        finally:
            child.kill()
            child.wait()


def _followed(child: subprocess.Popen[bytes], told: Path, module: Result) -> Iterator[Result]:
    """What the child writes into `told`; of one that ends or is stopped before it is done, what it was at."""
    running, named, over = module, False, False
    started = begun = monotonic()
    with told.open(encoding="utf-8") as opened:
        torn = ""
        while not over:
            try:
                over = _ended(child) or _done(told).exists()
            except KeyboardInterrupt:
                raise KeyboardInterrupt(running.name) from None
            *lines, torn = (torn + opened.read()).split("\n")
            for result in map(_read, lines):
                running, named, begun = module, True, monotonic()
                if result.state == RUNNING:
                    running, named = result, False
                else:
                    yield result
            if not over and monotonic() - started > SECONDS:
                yield replace(running, state=NO, told=phrase("practice.deadline", seconds=SECONDS))
                return
            if not named and running is not module and monotonic() - begun > PATIENCE:
                named = True
                yield running
    if not _done(told).exists():
        yield replace(running, state=NO, told=phrase("practice.died", status=child.returncode))


def _ended(child: subprocess.Popen[bytes]) -> bool:
    """Whether it has ended, after a moment's wait."""
    try:
        child.wait(MOMENT)
    except subprocess.TimeoutExpired:
        return False
    return True


def _done(told: Path) -> Path:
    """The file that is there when the last result has been written."""
    return told.with_suffix(".done")


def _read(line: str) -> Result:
    entry = json.loads(line)
    return Result(**{**entry, "told": Text(**entry["told"])})


def results_of(path: Path) -> list[Result]:
    """Import the module and run the examples of each public function; in this process."""
    return [result for result in _told_of(path) if result.state != RUNNING]


def _told_of(path: Path) -> Iterator[Result]:
    """For each public function that it runs, then how its examples ended."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except BaseException as fault:  # SyntaxError, and whatever the module's own top does
        is_unread = isinstance(fault, SyntaxError | ValueError)
        note = encoding_note(path.name, path.read_bytes()) if is_unread else None
        yield Result("", path.stem, NO, note or Text(_raised(fault, path)))
        return
    tests = doctest.DocTestFinder().find(module, path.stem)
    own = [test for test in tests if test.name != path.stem and not test.name.rpartition(".")[2].startswith("_")]
    for test in sorted(own, key=lambda test: test.lineno or 0):
        if test.examples:
            part = PART.match((test.docstring or "").strip())
            running = Result(part.group(1) if part else "", test.name.partition(".")[2], RUNNING)
            yield running
            yield _ran(test, path, running)


def _ran(test: doctest.DocTest, path: Path, running: Result) -> Result:
    runner = _Runner(path)
    for called, value in test.globs.items():
        if inspect.isfunction(value) and value.__module__ == path.stem:
            test.globs[called] = runner.watching(value)
    runner.run(test, out=lambda text: None, clear_globs=False)
    if runner.unwritten:
        return replace(running, state=UNWRITTEN)
    if runner.failures:
        return replace(running, state=NO, told=runner.told)
    return replace(running, state=GIVEN if READY_MADE.match((test.docstring or "").strip()) else OK)


class _Runner(doctest.DocTestRunner):
    """Keeps the first example that went wrong, in a student's words."""

    def __init__(self, path: Path) -> None:
        super().__init__(verbose=False)
        self.told = NOTHING
        self.path = path
        self.unwritten = False

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
        if self.told is NOTHING:
            self.told = text


def _typed(example: doctest.Example) -> str:
    return f">>> {example.source.strip()}"


def _raised(fault: BaseException, path: Path) -> str:
    if isinstance(fault, SyntaxError) and fault.filename == str(path):
        return f"{type(fault).__name__}: {fault.msg} (line {fault.lineno})\n    {(fault.text or '').strip()}".rstrip()
    frames = traceback.walk_tb(fault.__traceback__)
    lines = [line for frame, line in frames if frame.f_code.co_filename == str(path)]
    said = f": {fault}" if str(fault) else ""
    return f"{type(fault).__name__}{said}{f' (line {lines[-1]})' if lines else ''}"


def _is_open(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_is_open, value.values()))
    return any(map(_is_open, value)) if isinstance(value, list | tuple) else value is ...


if __name__ == "__main__":
    told = Path(sys.argv[2])
    with told.open("w", encoding="utf-8") as opened:
        for result in _told_of(Path(sys.argv[1]).resolve()):
            print(json.dumps(asdict(result)), file=opened, flush=True)
    _done(told).touch()
