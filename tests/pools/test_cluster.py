"""The cluster pool on this machine's loopback: the same findings, workers that are lost, workers that may not grade."""

from __future__ import annotations

import os
import signal
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.checking.verifier import Verifier
from grader.course import find_course
from grader.digests import package_digest
from grader.errors import GraderError
from grader.pools import cluster
from grader.pools.cluster import ClusterPool, Setup, packed
from grader.records import Finding, Submission, Task, Verdict
from tests.prices import prices, with_prices
from tests.sample_course import SAMPLE, copied, solved, stubs

SETUP = Setup(packed(find_course(SAMPLE)), "hw1", "quick", "cpu", None, True, package_digest())
HAND_INS = {
    "right": solved(),
    "empty": stubs(),
    "crashes": solved(q1="def mean(x):\n    raise ValueError('no')\n"),
    "partial": solved(q1="def mean(x):\n    return sum(x)\n"),
}


@pytest.fixture(scope="module")
def pool() -> Iterator[ClusterPool]:
    """Two workers of this machine."""
    started = ClusterPool(SETUP, "local", 2)
    yield started
    started.close()


def findings(pool: ClusterPool) -> dict[str, list[Finding]]:
    tasks = [Task(Submission(student, "", files), 0, pool.site.checks) for student, files in HAND_INS.items()]
    return {task.submission.student: [*map(timeless, verdict.findings)] for task, verdict in pool.grade(tasks)}


def timeless(finding: Finding) -> Finding:
    return replace(finding, seconds=0.0, detail="")  # it may tell where in memory something lay


@pytest.fixture(scope="module")
def right(verifier: Verifier) -> dict[str, list[Finding]]:
    """What one verifier of this machine finds."""
    found = {}
    for student, files in HAND_INS.items():
        verdict = verifier.grade(Submission(student, "", files), 0)
        assert isinstance(verdict, Verdict), verdict
        found[student] = [*map(timeless, verdict.findings)]
    return found


def test_workers_find_what_one_machine_finds(pool: ClusterPool, right: dict[str, list[Finding]]) -> None:
    """Outcomes, shares, messages, details: the same records, whoever graded whom."""
    assert findings(pool) == right


def test_students_of_a_lost_worker_are_graded_elsewhere(pool: ClusterPool, right: dict[str, list[Finding]]) -> None:
    """kill -9 of a worker in the middle of the class."""
    tasks = [Task(Submission(student, "", files), 0, pool.site.checks) for student, files in HAND_INS.items()]
    coming = pool.grade(tasks)
    first, verdict = next(coming)
    found = {first.submission.student: [*map(timeless, verdict.findings)]}
    victim = min(pool._client.run(os.getpid).values())
    os.kill(victim, signal.SIGKILL)

    found |= {task.submission.student: [*map(timeless, verdict.findings)] for task, verdict in coming}

    assert found == right


class Rested:
    """A verifier that says whether it was closed."""

    def __init__(self) -> None:
        self.alive, self.closed = True, False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Rested]:
    """What a worker process starts, in turn, and nothing that it has at hand already."""
    made: list[Rested] = []

    def start(setup: Setup) -> cluster._Standing:
        made.append(Rested())
        folder = tmp_path / f"course-{len(made)}"
        folder.mkdir()
        return cluster._Standing(made[-1], folder)  # type: ignore[arg-type]

    monkeypatch.setattr(cluster, "_standing", {})
    monkeypatch.setattr(cluster, "_started", start)
    return made


def asked(setup: Setup) -> object:
    with cluster._verifier(setup) as verifier:
        return verifier


ONE, TWO, THREE = (replace(SETUP, audit=share) for share in (0.1, 0.2, 0.3))


def test_a_worker_keeps_the_setups_that_it_was_asked_last(started: list[Rested], tmp_path: Path) -> None:
    """Two runs that take turns start nothing anew; with a third the one that rested longest goes, with its course."""
    assert [asked(setup) for setup in (ONE, TWO, ONE, TWO, ONE)] == [started[n] for n in (0, 1, 0, 1, 0)]

    asked(THREE)

    assert [verifier.closed for verifier in started] == [False, True, False]
    assert sorted(path.name for path in tmp_path.glob("course-*")) == ["course-1", "course-3"]


def test_a_worker_closes_nothing_that_is_being_asked(started: list[Rested]) -> None:
    """A hand-in under way is judged to its end, however many setups come meanwhile."""
    with cluster._verifier(ONE), cluster._verifier(TWO):
        asked(THREE)
        assert [verifier.closed for verifier in started] == [False, False, False]

    asked(ONE)
    asked(replace(SETUP, audit=0.4))

    assert [verifier.closed for verifier in started] == [False, True, True, False]


def test_a_verifier_that_died_is_put_away_before_another_starts(started: list[Rested]) -> None:
    """Its files and what it left on disk do not stay until the worker ends."""
    asked(ONE)
    started[0].alive = False

    assert asked(ONE) is started[1]
    assert started[0].closed


def test_what_is_known_needs_no_worker(pool: ClusterPool) -> None:
    """A submission without a check to run comes back as it is."""
    ((task, verdict),) = pool.grade([Task(Submission("s", "", {}), 0, ())])

    assert (task.submission.student, verdict.findings) == ("s", ())


def test_trainings_are_heard_from_afar(tmp_path: Path) -> None:
    """Whose it is, which part, what it says, and its end: as from a verifier of this machine."""
    course, _ = prices(tmp_path / "course")
    told: list[tuple[str, dict[str, Any]]] = []
    ended = threading.Event()

    def heard(student: str, what: dict[str, Any]) -> None:
        told.append((student, what))
        if "ended" in what:
            ended.set()

    pool = ClusterPool(replace(SETUP, course=packed(course)), "local", 1, heard)
    try:
        ((_, verdict),) = pool.grade([Task(Submission("ada", "", with_prices()), 0, pool.site.checks)])
        assert ended.wait(30)
    finally:
        pool.close()

    (training,) = verdict.trainings
    assert {student for student, _ in told} == {"ada"}
    assert told[0][1]["part"] == "q3b"
    assert told[-1][1] == {"part": "q3b", "ended": training["seconds"]}


def test_no_more_is_told_than_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A training that says a thousand things in a second is heard once, and its end always."""
    sent: list[Any] = []
    worker = SimpleNamespace(log_event=lambda topic, message: sent.append((topic, message[1])))
    monkeypatch.setattr("distributed.get_worker", lambda: worker)
    monkeypatch.setattr(cluster.time, "monotonic", lambda: 5.0)
    heard = cluster._telling("a run")

    for step in range(1000):
        heard("ada", {"part": "q3b", "seconds": float(step)})
    heard("ada", {"part": "q3b", "ended": 9.0})

    assert sent == [("a run", {"part": "q3b", "seconds": 0.0}), ("a run", {"part": "q3b", "ended": 9.0})]


def test_a_worker_of_another_version_grades_nobody() -> None:
    """Its marksheets would not be ours."""
    pool = ClusterPool(replace(SETUP, package="another"), "local", 1)
    try:
        with pytest.raises(GraderError, match=r"The worker tcp://.* cannot grade: it has another version of grader"):
            _ = pool.site.isolation
    finally:
        pool.close()


def test_a_scheduler_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, after a while."""
    monkeypatch.setattr(cluster, "WAIT_SECONDS", 0.5)
    pool = ClusterPool(SETUP, "tcp://127.0.0.1:9", 1)

    with pytest.raises(GraderError, match=r"--cluster tcp://127.0.0.1:9: no scheduler with a worker answered"):
        _ = pool.site.isolation
    pool.close()


def test_the_course_travels_whole_and_alike(tmp_path: Path) -> None:
    """The same bytes for the same files; nothing but what checking needs."""
    folder = copied(tmp_path / "course")
    before = packed(find_course(folder))
    (folder / "solutions" / "__pycache__").mkdir()
    (folder / "solutions" / "__pycache__" / "x.pyc").write_bytes(b"1")
    (folder / "results.csv").write_text("s1,9")

    assert packed(find_course(folder)) == before
    names = zipfile.ZipFile(BytesIO(before)).namelist()
    assert {"course.toml", "solutions/draw.key", "solutions/hw1/test_q1_rows.py"} <= set(names)
    assert {name.split("/")[0] for name in names} <= {"course.toml", "solutions", "datasets"}
