"""The verifier's template: collects hidden checks and imports solutions once, then forks verifiers.

Started by exec with one socket: first comes the order of the run, then a request with a socket for each verifier. A
verifier is sent one submission after another over that socket, until it says that this was its last.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import resource
import select
import signal
import socket
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.checking import plugin
from grader.checking.check_context import TRAINING_SECONDS, CheckContext, Job, preload
from grader.checking.collected import every_part_is_checked
from grader.checking.declared import declared_by
from grader.checking.on_gpu import OnGpu
from grader.course import Assignment, Course, Question, find_course
from grader.errors import CourseError, GraderError, IsolationError
from grader.phrases import phrase
from grader.records import Finding, Outcome
from grader.sandbox import kernel
from grader.sandbox.isolation import best_nursery
from grader.sandbox.memory import keep
from grader.sandbox.session import Begun, NurseryProcess, give_up
from grader.sandbox.warm import ready_to_fork, warm
from grader.sandbox.wire import Channel
from grader.sandbox.worker import seed_everything

MEMORY = 4 << 30  # bytes beyond the template's own: an answer may be 1 GiB, and is compared in float64
GROWTH = 512 << 20  # bytes; a verifier that has grown by so much makes room for a fresh one
RUNS = 3  # of a check whose worker is killed each time: a machine that has too little memory does so each time
SUBMISSIONS = 100  # that one verifier judges, so that nothing that a check forgets can pile up
SECONDS_A_CHECK = 240  # more than any run of a check may take, 100 in calls and 80 in judging; trainings come on top


class Template:
    """A pytest plugin whose run loop is a server."""

    def __init__(self, link: Channel, order: dict[str, Any], begun: Begun, on_gpu: OnGpu) -> None:
        self.link = link
        self.order = order
        self.begun = begun
        self.on_gpu = on_gpu
        self.course: Course = find_course(Path(order["course"]))
        self.assignment: Assignment = self.course.assignment(order["assignment"])
        self.data: dict[str, Any] = {}
        self.questions: list[Question] = []
        self.items: list[pytest.Item] = []
        self.broken: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[plugin.TEMPLATE] = True
        # pytest's own style parses the checks for each traceback, and nobody reads one
        config.option.tbstyle = "native"

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken.append(_broken(report.nodeid, str(report.longrepr)))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if self.broken:
            raise GraderError(self.broken[0])
        self.items = self._wanted(session)
        checks = [session.config.stash[plugin.COLLECTED][item.nodeid][0] for item in self.items]
        self._load_what_verifiers_share()
        trusted, trains = self.order["trusted"], any(check.gpu for check in checks)
        nurseries: list[NurseryProcess] = []  # everybody's, and where trainings run on a GPU theirs
        try:
            nurseries.append(best_nursery(trusted=trusted, begun=self.begun))
            nurseries += self.on_gpu.nurseries(trains=trains, trusted=trusted)
            about = {"isolation": nurseries[0].level, **self.on_gpu.plain(self.assignment.gpu_share)}
            about["remarks"] = list(_remarks(nurseries[0].refused, self.on_gpu.why_not))
            self.link.send({"ready": True, "checks": [check.plain() for check in checks], **about})
            running = self._serve(nurseries)
        finally:
            for nursery in nurseries:  # with its workers: a verifier still at work has nobody left to ask, and ends
                nursery.close()
        for pid in running:  # nobody waits for what they find, and one in the middle of a long call sees nothing of it
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        return True

    def _wanted(self, session: pytest.Session) -> list[pytest.Item]:
        """The checks of the questions that were ordered, in the assignment's order; CourseError for one without any."""
        ordered = self.order["questions"]
        self.questions = [q for q in self.assignment.questions if not ordered or q.id in ordered]
        known = session.config.stash.get(plugin.COLLECTED, {})
        places = {question.id: place for place, question in enumerate(self.questions)}
        items = [item for item in session.items if known[item.nodeid][1].id in places]
        every_part_is_checked((known[item.nodeid][0] for item in items), self.questions)
        return sorted(items, key=lambda item: places[known[item.nodeid][1].id])

    def _load_what_verifiers_share(self) -> None:
        """Solutions, judging and, where anything trains, the data: once, here, and forks have them."""
        for question in self.questions:
            preload(question)
        _warm_judging()
        if any(declared_by(item.function).minutes for item in self.items):  # type: ignore[attr-defined]
            for name in self.assignment.data:
                with contextlib.suppress(GraderError):
                    self.load_data(name)
        ready_to_fork()

    def _serve(self, nurseries: list[NurseryProcess]) -> list[int]:
        """Fork a verifier whenever one is asked for, until the link closes; those that may still be at work."""
        running: list[int] = []
        template = os.getpid()
        while True:
            try:
                _, descriptors = self.link.receive_with_descriptors()
            except EOFError:
                return running
            jobs = Channel(socket.socket(fileno=descriptors[0]))
            channels = [nursery.open_channel() for nursery in nurseries]
            running = [pid for pid in running if os.waitpid(pid, os.WNOHANG) == (0, 0)]
            running.append(os.fork())
            if running[-1] == 0:
                kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # no verifier outlives its template
                if os.getppid() != template:
                    os._exit(1)
                for nursery in nurseries:
                    nursery.link.close()  # or it would outlive us for as long as we check
                self._verify(jobs, *channels)
            for channel in (*channels, jobs):
                channel.close()

    def _verify(self, jobs: Channel, *channels: Channel) -> None:
        """The life of a verifier. After a verdict that it cannot give it ends: the next one begins afresh."""
        code = 1
        try:
            self.link.close()
            used = _most_memory()
            resource.setrlimit(resource.RLIMIT_DATA, (2 * used + MEMORY,) * 2)
            for left in reversed(range(SUBMISSIONS)):
                job = jobs.receive()
                signal.alarm(_seconds(self.items))
                verdict = self._verdict(jobs, job, *channels)
                signal.alarm(0)
                last = verdict["last"] or not left or _most_memory() > used + GROWTH
                jobs.send({**verdict, "last": last})
                if last:
                    break
            code = 0
        except EOFError:
            code = 0  # nobody asks any more
        except BaseException:
            jobs.send({"lost": traceback.format_exc()[-4000:], "alone": _hung_up(channels[0])})
        finally:
            os._exit(code)

    def _verdict(
        self, jobs: Channel, job: dict[str, Any], channel: Channel, to_gpu: Channel | None = None
    ) -> dict[str, Any]:
        """The findings of the wanted checks, in their order, and whether they have to be the last here.

        Fewer where it stops at the first that takes points off.
        """
        files = {name: data.tobytes() for name, data in job["files"].items()}
        context = CheckContext(
            course=self.course,
            assignment=self.assignment,
            job=Job(job["student"], files, job["variant"]),
            channel=channel,
            profile=self.order["profile"],
            load_data=self.load_data,
            gpu=None if self.on_gpu.gpu is None or to_gpu is None else (self.on_gpu.gpu, to_gpu),
            audit=self.order["audit"],
            tell=lambda told: jobs.send({"told": told}),
        )
        findings: list[Finding | None] = []
        with contextlib.closing(context):
            for place, following in itertools.pairwise([*job["wanted"], None]):
                finding = _run(self.items[place], None if following is None else self.items[following], context)
                if (finding is None or finding.outcome is Outcome.UNGRADED) and _hung_up(channel):
                    raise IsolationError("The nursery has gone.")
                findings.append(finding)
                if job["until_lost"] and (finding is None or finding.share != 1):
                    break
        # not before: what a later check measures of a training goes into the finding of the first that asked for it
        plain = [None if finding is None else _in_bytes(finding.plain()) for finding in findings]
        return {"findings": plain, "last": context.broken_off}

    def load_data(self, name: str) -> Any:
        """A data set, or the same refusal again: looked for once a run."""
        if name not in self.data:
            from grader.data.loaders import load

            folder = Path(self.order["data"]) if self.order["data"] else None
            try:
                found = load(name, datasets=self.course.datasets, data_dir=folder, profile=self.order["profile"])
                self.data[name] = replace(found, train=_kept(found.train), unseen=_kept(found.unseen))
            except GraderError as fault:
                self.data[name] = fault
        found = self.data[name]
        if isinstance(found, GraderError):
            raise found
        return found


def _in_bytes(plain: dict[str, Any]) -> dict[str, Any]:
    """A finding for the wire: its texts and losses in bytes, which are not counted against the head of a frame."""
    return {"figures": plain.pop("figures"), "rest": json.dumps(plain).encode()}


def _kept(rows: tuple[Any, Any]) -> tuple[Any, Any]:
    """Rows that every verifier and every worker maps, and nobody copies."""
    return keep(rows[0]), keep(rows[1])


def _seconds(items: list[pytest.Item]) -> int:
    """The deadline for one run of each of these checks."""
    minutes = sum((declared_by(item.function).minutes for item in items), 0.0)  # type: ignore[attr-defined]
    return int(SECONDS_A_CHECK * len(items) + TRAINING_SECONDS * minutes)


def _run(item: pytest.Item, following: pytest.Item | None, context: CheckContext) -> Finding | None:
    """One check as if it were the first that ever ran here; None if it came to no finding.

    After a worker was killed it is run again, for it may not have been the student's doing; the last run counts. A
    worker that has filled its own control group counts as out of memory, and its check is not run again: a training
    that comes out otherwise each time would get one more draw. Where there is no group, RLIMIT_DATA refuses memory.
    """
    for left in reversed(range(RUNS)):
        context.deaths.clear()
        finding = _run_once(item, following, context)
        if not left or "SIGKILL" not in context.deaths:
            break
        context.forget(item.config.stash[plugin.COLLECTED][item.nodeid][1])
        signal.alarm(signal.alarm(0) + _seconds([item]))  # a run more, or three slow ones would end unjudged
    return finding


def _run_once(item: pytest.Item, following: pytest.Item | None, context: CheckContext) -> Finding | None:
    known, context.data = len(context.log), {}
    item.config.stash[plugin.CONTEXT] = context
    item.stash[plugin.FINDING] = None
    item._report_sections.clear()
    seed_everything()
    started = time.monotonic()
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)  # torn down up to what comes next
    finding = item.stash[plugin.FINDING]
    if finding is None:
        return None
    seconds = time.monotonic() - started
    trainings, figures = tuple(context.log[known:]), context.kept(finding.figures)
    return replace(finding, seconds=seconds, trainings=trainings, data=context.data, figures=figures)


def _broken(file: str, told: str) -> str:
    """Where and why a file of checks cannot be read, by the last of its lines in what pytest told."""
    lines = re.findall(rf'{re.escape(file)}(?:", line |:)(\d+)', told)
    said = told.strip().splitlines()[-1:] or ["no reason given"]
    return f"{':'.join([file, *lines[-1:]])} cannot be read: {said[0].removeprefix('E ').strip()}"


def _remarks(refused: Sequence[str], no_gpu: str) -> Iterator[str]:
    """What an instructor should know of this machine before a run: a sentence each."""
    if refused:
        yield f"No stronger isolation here ({'; '.join(refused)}): `grader doctor` names the one fix."
    if no_gpu:
        yield f"Trainings run on the CPU: {no_gpu}."


def _most_memory() -> int:
    """Bytes that this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _hung_up(channel: Channel) -> bool:
    """Whether nobody is at the other end of a channel on which no answer is due."""
    return bool(select.select([channel], [], [], 0)[0])


def _warm_judging() -> None:
    """Import and read here, once, what every verifier would otherwise import and read for itself."""
    import grader.checking.finding  # noqa: F401  (the plugin imports it when a check ends: it must stay light)

    phrase("check.fault")


def collecting(folder: Path) -> list[str]:
    """What pytest is told to collect a set's hidden checks with our plugin, and nothing of the machine's own."""
    plain = [f"no:{name}" for name in ("terminal", "cacheprovider", "logging")]  # nobody looks, nothing is kept
    options = [word for name in (*plain, "grader.checking.plugin") for word in ("-p", name)]
    where = ["-c", os.devnull, "--rootdir", str(folder)]
    return ["--import-mode=importlib", "--noconftest", *where, *options, "-W", "ignore", str(folder)]


def main(descriptor: int, begun: Begun) -> int:
    """The template's life, with the nursery that was begun. Answers with {"ready"} or {"refused": the sentence}."""
    link = Channel(socket.socket(fileno=descriptor))
    order = link.receive()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.ExitStack() as ends:
        ends.callback(give_up, begun)
        try:
            on_gpu = OnGpu(order["device"], order["card"])
            ends.callback(on_gpu.close)
            template = Template(link, order, begun, on_gpu)
            warm()  # on one thread: verifiers are forked from here, as workers are from the nursery
            options = collecting(template.assignment.folder)
            status = pytest.main(options, plugins=[template, _Refusal(link)])
        except GraderError as fault:
            link.send(_refusal(fault))
            return 2
    return int(status)


def _refusal(fault: GraderError) -> dict[str, Any]:
    return {"refused": str(fault), "isolation": isinstance(fault, IsolationError)}


class _Refusal:
    """Hands the sentence of a refused collection to whoever ordered the run."""

    def __init__(self, link: Channel) -> None:
        self.link = link

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        fault = excinfo.value
        self.link.send(
            _refusal(fault) if isinstance(fault, GraderError) else {"broken": f"{excinfo.typename}: {fault}"}
        )
        return True

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        if plugin.REFUSED in config.stash:
            self.link.send(_refusal(CourseError(config.stash[plugin.REFUSED])))
