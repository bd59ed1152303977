"""What our hidden checks cost by themselves: one warm process, the student's modules in it, nothing between them.

    python benchmarks/bare.py FOLDER [--hand-in DIR] [--rounds 50]

FOLDER is a course's solutions of one set, such as benchmarks/three/solutions/hw1; the hand-in is made of the solutions
unless told otherwise. Prints wall and CPU seconds a submission: importing the modules afresh and every check on them,
with fresh draws, by the same plugin as in a run. It is the least that any engine could spend on these checks.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from grader.checking import plugin
from grader.checking.check_context import WRAP, CheckContext, Job, preload
from grader.checking.template import collecting
from grader.course import Question, find_course
from grader.sandbox.session import CALL_SECONDS
from grader.sandbox.submission import Line, OwnResponder, Proxy
from grader.sandbox.warm import ready_to_fork, warm
from grader.sandbox.worker import import_file


class OpenBench(CheckContext):
    """Asks the student's module directly, as it asks the solution."""

    hand_in: Path
    module: ModuleType

    def submission(self, question: Question) -> Proxy:
        if self.question != question.id:
            self.question = question.id
            self.module = import_file(self.hand_in / f"{question.id}.py")
        return Proxy(Line(OwnResponder(self.module), CALL_SECONDS, WRAP, twin=self._twin(question)))


class Rounds:
    """A pytest plugin that runs the collected checks once for each of many students."""

    def __init__(self, folder: Path, hand_in: Path, rounds: int) -> None:
        self.folder, self.hand_in, self.rounds = folder, hand_in, rounds

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[plugin.TEMPLATE] = True

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        course = find_course(self.folder.parent.parent)
        assignment = course.assignment(self.folder.name)
        for question in assignment.questions:
            preload(question)
        ready_to_fork()  # the collector leaves what was imported alone, as in a run

        def once(number: int) -> None:
            job = Job(f"s{number}", {})
            nobody: Any = None  # there is no nursery
            bench = OpenBench(course, assignment, job, nobody, "quick", _no_data)
            bench.hand_in = self.hand_in
            session.config.stash[plugin.BENCH] = bench
            for place, item in enumerate(session.items):
                item.stash[plugin.FINDING] = None
                following = session.items[place + 1] if place + 1 < len(session.items) else None
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                found = item.stash[plugin.FINDING]
                if found is None or found.share != 1:
                    raise SystemExit(f"{item.name} did not pass: {found}")

        for number in range(3):
            once(number)
        wall, cpu = time.perf_counter(), time.process_time()
        for number in range(self.rounds):
            once(number)
        print((time.perf_counter() - wall) / self.rounds, (time.process_time() - cpu) / self.rounds)
        return True


def _no_data(name: str) -> Any:
    raise SystemExit(f"a check asked for {name}: bare checks are measured without trainings")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--hand-in", type=Path)
    asked.add_argument("--rounds", type=int, default=50)
    told = asked.parse_args()
    folder = told.folder.resolve()
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    warm()
    rounds = Rounds(folder, told.hand_in or folder, told.rounds)
    raise SystemExit(int(pytest.main([*collecting(folder), "-s"], plugins=[rounds])))


if __name__ == "__main__":
    main()
