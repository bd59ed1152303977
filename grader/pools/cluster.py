"""The cluster pool: submissions are graded by dask.distributed's workers, each with verifiers of its own.

dask's one doorway. The course travels once a worker, as an archive under its hash; hand-ins travel with their task. A
worker must have the same version of this package and of its libraries, the same data sets, and isolation of its own.
The cluster is the instructor's and trusted: whoever may send tasks to it may run anything on it.
"""

from __future__ import annotations

import io
import shutil
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from grader.archives import zipped
from grader.checking.verifier import Verifier, ungraded
from grader.course import Course
from grader.digests import digest, package_digest
from grader.errors import GraderError
from grader.records import Check, Finding, NoVerdict, Site, Submission, Task, Verdict

MOST_SETUPS = 2  # that a worker keeps at hand: two runs may take turns
TRIES = 3  # of one submission, each on whatever worker is there
CONTENT = ("course.toml", "solutions", "datasets")  # what checking needs of a course
WAIT_SECONDS = 30.0  # for the scheduler, and for its first worker
TELL_SECONDS = 1.0  # between two messages of a worker's trainings: the scheduler keeps each

Heard = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True)
class Setup:
    """What a worker needs before its first submission. `course`: a zip archive; `package`: digest of our own code."""

    course: bytes
    assignment: str
    profile: str
    device: str
    data: str | None
    trusted: bool
    package: str
    audit: float = 0.0

    @cached_property
    def key(self) -> str:
        return digest(*asdict(self).values())


def packed(course: Course) -> bytes:
    """The course's content as an archive: the same bytes for the same files."""
    paths = [p for name in CONTENT for p in [course.root / name, *(course.root / name).rglob("*")]]
    files = [path for path in paths if path.is_file() and "__pycache__" not in path.parts]
    return zipped({path.relative_to(course.root).as_posix(): path.read_bytes() for path in files})


@dataclass
class _Standing:
    """A verifier of this worker process, with its copy of the course; `asked`: by how many tasks at the moment."""

    verifier: Verifier
    folder: Path
    asked: int = 0

    def close(self) -> None:
        self.verifier.close()
        shutil.rmtree(self.folder, ignore_errors=True)


_standing: dict[str, _Standing] = {}  # by their setups' keys, the one used last at the end
_lock = threading.Lock()


@contextmanager
def _verifier(setup: Setup) -> Iterator[Verifier]:
    """The verifier of this worker process; started when the first submission comes, and anew if it died."""
    if package_digest() != setup.package:
        raise GraderError("it has another version of grader or of its libraries: install the same on every worker.")
    with _lock:
        found = _standing.pop(setup.key, None)
        if found is not None and not found.verifier.alive:
            found.close()
            found = None
        _make_room()
        found = _standing[setup.key] = found or _started(setup)
        found.asked += 1
    try:
        yield found.verifier
    finally:
        with _lock:
            found.asked -= 1


def _make_room() -> None:
    """A cluster that stands for weeks sees many setups: those used longest ago go, if nobody asks them just now."""
    resting = [key for key, standing in _standing.items() if not standing.asked]
    for key in resting[: max(0, len(_standing) + 1 - MOST_SETUPS)]:
        _standing.pop(key).close()


def _started(setup: Setup) -> _Standing:
    from distributed import get_worker

    folder = Path(tempfile.mkdtemp(prefix="course-", dir=get_worker().local_directory))  # goes with the worker
    try:
        with zipfile.ZipFile(io.BytesIO(setup.course)) as archive:
            archive.extractall(folder)  # ours: packed by the runner
        verifier = Verifier(
            folder,
            setup.assignment,
            profile=setup.profile,
            device="cpu" if setup.device == "cpu" else "auto",  # who is sent no training needs no card
            data=Path(setup.data) if setup.data else None,
            trusted=setup.trusted,
            audit=setup.audit,
            heard=_telling(setup.key),
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return _Standing(verifier, folder)


def _telling(topic: str) -> Heard:
    """Passes on what trainings say, as dask's events on this topic: every end, and in between not more than is read."""
    last = -TELL_SECONDS

    def heard(student: str, told: dict[str, Any]) -> None:
        from distributed import get_worker

        nonlocal last
        if "ended" in told or time.monotonic() - last >= TELL_SECONDS:
            last = time.monotonic()
            get_worker().log_event(topic, [student, told])

    return heard


def _kept(setup: Setup) -> Setup:
    """As a task's result it is made again for a worker that comes, or came back; what is scattered would be lost."""
    return setup


def _greet(setup: Setup) -> dict[str, Any]:
    try:
        with _verifier(setup) as verifier:
            checks = [check.plain() for check in verifier.checks]
            about = {"isolation": verifier.isolation, "gpu": verifier.gpu, "remarks": list(verifier.remarks)}
            return {"checks": checks, **about}
    except GraderError as fault:
        return {"refused": str(fault)}


def _judge(setup: Setup, submission: Mapping[str, Any], variant: int, only: list[dict[str, Any]]) -> dict[str, Any]:
    opened = Submission(submission["student"], "", submission["files"])
    with _verifier(setup) as verifier:
        verdict = verifier.grade(opened, variant, only=[Check.of(plain) for plain in only])
        if isinstance(verdict, NoVerdict):
            return {"lost": verdict.why}
    findings = [{"key": finding.check.key, **finding.plain()} for finding in verdict.findings]
    return {"findings": findings, "seconds": verdict.seconds}


class ClusterPool:
    """Grades on the workers of a scheduler at `address`; at `local`, on `workers` processes of this machine."""

    def __init__(self, setup: Setup, address: str, workers: int, heard: Heard = lambda student, told: None) -> None:
        """`heard(student, told)` gets what trainings say while they run, in a thread of dask's."""
        self._setup, self._address, self._workers, self._heard = setup, address, workers, heard
        self._cluster: Any = None
        self._client: Any = None
        self._shared: Any = None  # the setup, as it lies on the workers

    @cached_property
    def _greetings(self) -> dict[str, dict[str, Any]]:
        """What each worker gives and collects; the first one that cannot grade ends the run."""
        self._connect()
        self._client.subscribe_topic(self._setup.key, lambda event: self._heard(*event[1]))
        self._shared = self._client.submit(_kept, self._setup)
        asked = {
            worker: self._client.submit(_greet, self._shared, workers=[worker], pure=False)
            for worker in self._client.nthreads()
        }
        told: dict[str, dict[str, Any]] = self._client.gather(asked)
        for worker, greeting in sorted(told.items()):
            if "refused" in greeting:
                raise GraderError(f"The worker {worker} cannot grade: {greeting['refused']}")
        return told

    def _connect(self) -> None:
        import distributed

        try:
            if self._address == "local":
                self._cluster = distributed.LocalCluster(
                    n_workers=self._workers,
                    threads_per_worker=1,
                    dashboard_address="127.0.0.1:0",
                    local_directory=tempfile.gettempdir(),
                )
            self._client = distributed.Client(self._cluster or self._address, timeout=WAIT_SECONDS)
            self._client.wait_for_workers(1, timeout=WAIT_SECONDS)
        except (OSError, TimeoutError, ValueError) as fault:
            asked = f"--cluster {self._address}"
            raise GraderError(f"{asked}: no scheduler with a worker answered within {WAIT_SECONDS:.0f} s.") from fault

    @property
    def site(self) -> Site:
        """The checks, the weakest isolation of all workers, the names of all cards, and each remark once."""
        every = [told for _, told in sorted(self._greetings.items())]
        return Site(
            tuple(Check.of(plain) for plain in every[0]["checks"]),
            min(int(told["isolation"]) for told in every),
            ", ".join(sorted({told["gpu"] for told in every} - {""})),
            tuple(dict.fromkeys(remark for told in every for remark in told["remarks"])),
        )

    def grade(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Verdict]]:
        """Verdicts as they come; two submissions a worker are under way."""
        from distributed import as_completed

        coming, tried = iter(tasks), dict[str, int]()
        running: dict[Any, Task] = {}
        done = as_completed()

        def send(task: Task) -> None:
            future = self._submit(task)
            running[future] = task
            done.add(future)

        while True:
            while len(running) < 2 * len(self._greetings) and (task := next(coming, None)) is not None:
                if task.checks:
                    send(task)
                else:
                    yield task, Verdict(task.submission.student, ())
            if not running:
                return
            future = next(done)
            task = running.pop(future)
            told = self._answer(future)
            student = task.submission.student
            tried[student] = tried.get(student, 0) + 1
            if "lost" not in told:
                yield task, _verdict(task, told)
            elif tried[student] < TRIES:
                send(task)
            else:
                why = f"The verdict was lost {TRIES} times. {told['lost']}"
                yield task, Verdict(student, tuple(ungraded(check, why) for check in task.checks))

    def _submit(self, task: Task) -> Any:
        trains = self._setup.device == "cuda" and any(check.gpu for check in task.checks)
        plain = {"student": task.submission.student, "files": dict(task.submission.files)}
        only = [check.plain() for check in task.checks]
        return self._client.submit(
            _judge, self._shared, plain, task.variant, only, pure=False, resources={"GPU": 1} if trains else None
        )

    @staticmethod
    def _answer(future: Any) -> dict[str, Any]:
        try:
            return dict(future.result())
        except Exception as fault:  # the worker died, or could not begin
            return {"lost": f"{type(fault).__name__}: {fault}"}

    def close(self) -> None:
        """Leave the cluster; one of this machine ends."""
        if self._client is not None:
            self._client.close()
        if self._cluster is not None:
            self._cluster.close()


def _verdict(task: Task, told: Mapping[str, Any]) -> Verdict:
    checks = {check.key: check for check in task.checks}
    findings = tuple(Finding.of(checks[plain["key"]], plain) for plain in told["findings"])
    return Verdict(task.submission.student, findings, told["seconds"])
