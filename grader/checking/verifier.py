"""The instructor's side of the verifier: start a template, hand it submissions, get verdicts."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from grader.errors import CourseError, IsolationError, WireError
from grader.phrases import phrase
from grader.records import Check, Finding, NoVerdict, Outcome, Submission, Verdict
from grader.sandbox.gpu import nodes
from grader.sandbox.warm import FORKING
from grader.sandbox.wire import Channel

START_SECONDS = 300.0


class Verifier:
    """A started template with its nursery and its verifiers. `grade` may be called from several threads at once."""

    def __init__(
        self,
        course: Path,
        assignment: str,
        *,
        profile: str = "quick",
        device: str = "cpu",
        data: Path | None = None,
        trusted: bool = False,
        questions: Sequence[str] = (),
        audit: float = 0.0,
        heard: Callable[[str, dict[str, Any]], None] = lambda student, told: None,
    ) -> None:
        """`device`: cpu, cuda, or auto, which is the GPU if a worker can use one; if not, `remarks` say why.

        `heard(student, told)` gets what trainings say while they run: part, seconds, said; part, ended.
        """
        here, there = socket.socketpair()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (the template's; closed with it)
        self._process = _template(there, self._errors)
        there.close()
        self._link = Channel(here)
        self._lock = threading.Lock()
        self._idle: list[Channel] = []  # verifiers that wait for a submission
        self._closed = False
        self._heard = heard
        order = {
            "course": str(course),
            "assignment": assignment,
            "profile": profile,
            "device": device,
            "card": list(nodes()),  # looked for here: the template's environment hides it from torch
            "data": str(data) if data else None,
            "trusted": trusted,
            "questions": list(questions),
            "audit": audit,
        }
        try:
            greeting = self._greeting(order)
        except BaseException:
            self.close()
            raise
        self.checks = tuple(Check.of(plain) for plain in greeting["checks"])
        self.isolation: int = greeting["isolation"]
        self.gpu: str = greeting["gpu"]  # the card's name, "" for none
        self.on_gpu: int = greeting["on_gpu"]  # how many may train there at a time
        self.remarks: tuple[str, ...] = tuple(greeting["remarks"])  # on what this machine does not give

    def _greeting(self, order: dict[str, Any]) -> dict[str, Any]:
        try:
            self._link.send(order)
            greeting = self._link.receive(time.monotonic() + START_SECONDS)
        except (EOFError, OSError, WireError) as fault:
            said = self._last_words()
            raise CourseError(f"The hidden checks could not be loaded: {said or fault!r}.") from fault
        if "refused" in greeting:
            raise (IsolationError if greeting["isolation"] else CourseError)(str(greeting["refused"]))
        if "broken" in greeting:
            raise CourseError(f"The hidden checks could not be loaded: {greeting['broken']}.")
        return dict(greeting)

    def grade(
        self, submission: Submission, variant: int, *, only: Collection[Check] | None = None, until_lost: bool = False
    ) -> Verdict | NoVerdict:
        """The verdict on one submission, or that it was lost.

        only: run these checks and no others. until_lost: stop at the first that takes points off.
        """
        keys = None if only is None else {check.key for check in only}
        wanted = [place for place, check in enumerate(self.checks) if keys is None or check.key in keys]
        job = {
            "student": submission.student,
            "files": {name: np.frombuffer(content, np.uint8) for name, content in submission.files.items()},
            "variant": variant,
            "wanted": wanted,
            "until_lost": until_lost,
        }
        started = time.monotonic()
        told = self._told(job)
        if "lost" in told:
            self._let_go()
            if told["alone"]:  # without a nursery, or itself at an end: the next verdict is for another template
                self._process.kill()
                self._process.wait()
            return NoVerdict(told["lost"])
        judged = zip(wanted, told["findings"], strict=not until_lost)
        findings = tuple(_finding(self.checks[place], plain) for place, plain in judged)
        return Verdict(submission.student, findings, time.monotonic() - started)

    def _told(self, job: dict[str, Any]) -> dict[str, Any]:
        """What a verifier answers, an idle one or a new one; it is idle again unless it says that this was its last."""
        channel: Channel | None = None
        try:
            channel = self._idle_or_new()
            channel.send(job)
            told: dict[str, Any] = channel.receive()
            while "told" in told:
                self._heard(job["student"], told["told"])
                told = channel.receive()
        except (EOFError, OSError, WireError) as fault:
            alone = self._closed or bool(select.select([self._link], [], [], 0)[0])
            told = {"lost": f"It hung up ({fault!r}).", "alone": alone}
        if channel is not None:
            with self._lock:
                if "lost" in told or told["last"] or self._closed:
                    channel.close()
                else:
                    self._idle.append(channel)
        return told

    def _idle_or_new(self) -> Channel:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            here, there = socket.socketpair()
            try:
                self._link.send({"verifier": True}, (there.fileno(),))
            except BaseException:
                here.close()
                raise
            finally:
                there.close()
            return Channel(here)

    def _let_go(self) -> None:
        """Hang up on the idle verifiers, which ends them."""
        with self._lock:
            for channel in self._idle:
                channel.close()
            self._idle.clear()

    def close(self) -> None:
        """End the template, its nursery and every process below them."""
        self._closed = True
        self._let_go()
        self._link.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(15)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def _last_words(self) -> str:
        self._process.kill()
        self._process.wait()
        self._errors.seek(0)
        lines = [line for line in self._errors.read().decode(errors="replace").splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""


def _template(link: socket.socket, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    """A template's process, which waits for its order at the other end of this link."""
    environment = os.environ | {
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent.parent),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # an instructor's other plugins have no business here
        "PYTHONHASHSEED": "0",
        **FORKING,
    }
    environment.pop("PYTEST_ADDOPTS", None)
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "grader.checking.start", str(link.fileno())],
        pass_fds=(link.fileno(),),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        start_new_session=True,
    )


def _finding(check: Check, told: dict[str, Any] | None) -> Finding:
    if told is None:
        return ungraded(check, "The check ended without a finding.")
    return Finding.of(check, {**json.loads(told["rest"]), "figures": told["figures"]})


def ungraded(check: Check, detail: str) -> Finding:
    """A check that we could not judge."""
    return Finding(check, Outcome.UNGRADED, None, phrase("check.no_verdict"), detail)
