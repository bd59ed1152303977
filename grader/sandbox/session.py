"""From the trusted side: start a nursery, open a channel to it, talk to one worker, with a deadline on every call."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from grader.encodings import encoding_note
from grader.errors import IsolationError, WireError
from grader.phrases import phrase
from grader.records import Text
from grader.sandbox.cgroup import remove_groups
from grader.sandbox.describe import PYPLOT
from grader.sandbox.faults import Crashed, NotSent, Refused, StudentFault, TooLong, Ungraded, Unwritten, of_nothing
from grader.sandbox.leftovers import new_name, sweep
from grader.sandbox.limits import Limits
from grader.sandbox.notices import LINE_LIMIT
from grader.sandbox.refused import NotSerializable
from grader.sandbox.warm import FORKING
from grader.sandbox.wire import Channel, Marked

CALL_SECONDS = 10.0  # the deadline of a call; an import counts as a call
DYING_SECONDS = 5.0  # a worker that hung up is ending: handing back a gigabyte takes a while on a busy machine
NOTICES, NOTICES_A_SECOND = 20, 4  # of a training: a worker tells two a second, and a busy machine bunches them
UNREAD = ("SyntaxError", "ValueError")  # what Python raises for zero bytes, by its version, and for another encoding
START_SECONDS = 180.0  # for a nursery: importing torch on a slow disk


class NurseryLost(IsolationError):
    """It ended without a word: that says nothing about what this machine gives."""


class NurseryProcess:
    """A started nursery. `level`: the isolation that it reached; `refused`: why none that is stronger was to be had."""

    def __init__(self, process: subprocess.Popen[bytes], link: Channel, name: str, level: int) -> None:
        self.process = process
        self.link = link
        self.name = name
        self.level = level
        self.refused: list[str] = []

    def open_channel(self) -> Channel:
        """A channel of one verifier: workers asked for through it end with it."""
        here, there = socket.socketpair()
        try:
            self.link.send({"channel": True}, (there.fileno(),))
        except OSError as fault:
            here.close()
            raise Ungraded(Text("The nursery has gone."), repr(fault)) from fault
        finally:
            there.close()
        return Channel(here)

    def close(self) -> None:
        """End it, and with it every worker; waits ten seconds at most."""
        self.link.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        remove_groups(self.name)


@dataclass(frozen=True)
class Begun:
    """A nursery that was started and warms up; `finish_nursery` waits for it, `give_up` ends it."""

    process: subprocess.Popen[bytes]
    link: Channel
    name: str


def begin_nursery(level: int, program: str = "grader.sandbox.nursery", *, nodes: Sequence[str] = ()) -> Begun:
    """Start a nursery by exec without waiting for it: it warms up while the verifier imports the solutions.

    `nodes`: of a GPU (grader/sandbox/gpu.py), for a nursery whose workers may use it.
    """
    here, there = socket.socketpair()
    sweep()
    name = new_name()
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.defpath}",  # ours tells of its owner
        "HOME": os.environ.get("HOME", "/nonexistent"),  # for the nursery, until it has shut itself in
        "USER": "hand-in",  # torch 2.11 asks for a name as it is imported, and no table of users is in sight
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent.parent),
        "PYTHONHASHSEED": "0",  # the order of a set is the same at every regrade
        "PYTHONDONTWRITEBYTECODE": "1",
        **FORKING,
        "TORCHDYNAMO_DISABLE": "1",  # torch.compile takes 40 s in here, of a training that may take 60
        "OMP_WAIT_POLICY": "PASSIVE",  # spinning threads starve each other on a busy machine
        "LANG": "C.UTF-8",
    }
    if nodes and "LD_LIBRARY_PATH" in os.environ:
        environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]  # the driver's libraries may lie there alone
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", program, str(there.fileno()), str(level), name, *nodes],
        pass_fds=(there.fileno(),),
        env=environment,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # what went wrong comes over the link; libraries grumble about the missing /proc
        start_new_session=True,  # Ctrl-C in the terminal is for us alone
    )
    there.close()
    return Begun(process, Channel(here), name)


def finish_nursery(begun: Begun) -> NurseryProcess:
    """Wait until it is warm; IsolationError says why it could not shut itself in, NurseryLost that it did not say."""
    try:
        greeting = begun.link.receive(time.monotonic() + START_SECONDS)
    except (EOFError, OSError) as fault:
        give_up(begun)
        raise NurseryLost("The process that runs student code did not start.") from fault
    nursery = NurseryProcess(begun.process, begun.link, begun.name, greeting.get("ready", 0))
    if "failed" in greeting:
        nursery.close()  # it takes away what it made, and ends by itself
        raise IsolationError(greeting["failed"])
    return nursery


def give_up(begun: Begun) -> None:
    """End a nursery that was begun and perhaps never finished; one that has served and was closed is gone already."""
    begun.link.close()
    if begun.process.poll() is None:
        begun.process.kill()
        begun.process.wait()
    remove_groups(begun.name)


def start_nursery(level: int, *, nodes: Sequence[str] = ()) -> NurseryProcess:
    """A nursery of this level, waited for; errors as of `finish_nursery`."""
    return finish_nursery(begin_nursery(level, nodes=nodes))


class Session:
    """One worker with one student's module, made when it is first asked, and again after it died."""

    def __init__(
        self,
        channel: Channel,
        files: Mapping[str, bytes],
        module: str,
        limits: Limits,
        deaths: list[str] | None = None,
    ) -> None:
        """`deaths` gets what its workers have died of, by themselves."""
        self.channel = channel
        self.files = files
        self.module = module
        self.limits = limits
        self.worker: Channel | None = None
        self.number = 0
        self.process: list[int] = []  # the worker's process descriptor, where the system has such
        self.broken: StudentFault | None = None  # what cannot be imported is not imported again for every check
        self.deaths = [] if deaths is None else deaths

    def ask(
        self, request: dict[str, Any], seconds: float = CALL_SECONDS, heard: Callable[[Any], None] | None = None
    ) -> Any:
        """The reply's value with its `seen`, or the fault that the student's code committed.

        `heard` gets what the worker tells before it answers; whoever tells without being heard, or in a flood, has
        forged it.
        """
        return self._exchange(self.worker or self._started(), request, seconds, heard)

    def _started(self) -> Channel:
        """A new worker, in which the module is imported."""
        if self.broken is not None:
            raise self.broken
        if f"{self.module}.py" not in self.files:
            raise Unwritten(phrase("proxy.no_file", file=f"{self.module}.py"))
        try:
            self.channel.send({"spawn": asdict(self.limits)})
            answer, descriptors = self.channel.receive_with_descriptors(time.monotonic() + 30)
            self.worker = worker = Channel(socket.socket(fileno=descriptors[0]))
            self.number, self.process = answer["worker"], descriptors[1:]
            greeting = worker.receive(time.monotonic() + 30)
        except (EOFError, OSError, WireError) as fault:
            self.deaths.append(self.close(died=True))
            raise Ungraded(phrase("engine.no_worker"), repr(fault)) from fault
        if "failed" in greeting:
            self.close()
            raise Ungraded(phrase("engine.no_worker"), greeting["failed"])
        files = {name: np.frombuffer(data, np.uint8) for name, data in self.files.items()}
        load = {"do": "load", "module": self.module, "files": files, "home": answer["home"]}
        try:
            self._exchange(worker, load, CALL_SECONDS)
        except StudentFault as fault:
            self.close()
            self.broken = self._told_of_encoding(fault)
            raise self.broken from None
        return worker

    def _told_of_encoding(self, fault: StudentFault) -> StudentFault:
        """Of a module that Python cannot read the student learns what to do, not Python's words about null bytes."""
        if not isinstance(fault, Crashed) or fault.kind not in UNREAD:
            return fault
        name = f"{self.module}.py"
        note = encoding_note(name, self.files[name])
        return Crashed(note, fault.text.en, fault.kind) if note else fault

    def _exchange(
        self,
        worker: Channel,
        request: dict[str, Any],
        seconds: float,
        heard: Callable[[Any], None] | None = None,
    ) -> Any:
        try:
            reply = _replied(worker, request, seconds, heard)
        except TimeoutError:
            self.close()
            raise TooLong(phrase("proxy.deadline", seconds=int(seconds))) from None
        except (EOFError, OSError):
            how = self.close(died=True)
            if not how:
                raise Ungraded(phrase("engine.no_worker"), "the nursery has gone") from None
            self.deaths.append(how)
            if how == "MemoryError":
                raise Crashed(phrase("proxy.memory"), kind=how) from None
            raise Crashed(phrase("proxy.died", how=how), kind="Died") from None
        except WireError as fault:
            self.close()
            raise Refused(phrase("proxy.forged"), str(fault)) from None
        except MemoryError:
            self.close()
            raise Refused(phrase("proxy.refused", what=phrase("refused.held"))) from None
        if request["do"] == "call" and isinstance(reply, dict) and "raised" in reply:
            self.close()  # what the code has left behind is unknown; a network that refuses an input may be asked again
        return self._opened(reply)

    def _opened(self, reply: Any) -> Any:
        match reply:
            case {"value": _} | {"callable": True}:
                return reply
            case {"unwritten": ""}:
                raise Unwritten(phrase("proxy.unwritten"))
            case {"unwritten": str(name)}:
                raise Unwritten(phrase("proxy.leans", name=printable(name, 80)))
            case {"missing": str(name)}:
                raise Unwritten(phrase("proxy.missing", name=printable(name, 80), file=f"{self.module}.py"))
            case {"refused": ["type", str(name)]} if name == PYPLOT:
                raise Refused(phrase("proxy.pyplot"))
            case {"refused": ["type", "type"]}:
                raise Refused(phrase("proxy.class"))
            case {"refused": ["type", str(name)]}:
                raise Refused(phrase("proxy.foreign", name=printable(name, 80)))
            case {"refused": [str(key), str() | int() as value]}:
                with contextlib.suppress(KeyError):  # then it is forged
                    raise Refused(phrase("proxy.refused", what=_not_carried(key, value)))
            case {"raised": "MemoryError"}:
                self.close()
                raise Crashed(phrase("proxy.memory"), kind="MemoryError")
            case {"raised": str(kind), "message": str(message), "where": where}:
                kind = printable(kind, 80)
                place = _place(where)  # "" where no line of theirs had a part in it
                said = f": {printable(message)}" if message else ""
                if not place and of_nothing(message):
                    raise Refused(phrase("close.none"), f"{kind}{said}")
                key = "no_module" if kind == "ModuleNotFoundError" else "raised" if place else "raised_around"
                raise Crashed(phrase(f"proxy.{key}", kind=kind, said=said, where=place), kind=kind)
        self.close()
        raise Refused(phrase("proxy.forged"), "a reply of another shape")

    def close(self, *, died: bool = False) -> str:
        """End the worker with everything it started; what it had died of, "" if nobody is there who would know."""
        if self.worker is None:
            return ""
        self.worker.close()
        self.worker = None
        if died:
            select.select(self.process, [], [], DYING_SECONDS if self.process else 0)
        for descriptor in self.process:
            os.close(descriptor)
        try:
            self.channel.send({"end": self.number})
            return str(self.channel.receive(time.monotonic() + 30)["how"])
        except (EOFError, OSError, WireError):
            return ""


def answer_of(
    nursery: NurseryProcess, source: bytes, function: str, arguments: Sequence[Any], limits: Limits, seconds: float
) -> Any:
    """What a function of this source answers in a worker of its own; its fault as `Session.ask` raises it."""
    with contextlib.closing(nursery.open_channel()) as channel:
        session = Session(channel, {"probe.py": source}, "probe", limits)
        request = {"do": "call", "target": Marked("name", function), "args": list(arguments), "kwargs": {}}
        with contextlib.closing(session):
            return session.ask(request, seconds)["value"]


def _replied(worker: Channel, request: dict[str, Any], seconds: float, heard: Callable[[Any], None] | None) -> Any:
    """The worker's reply, after what it tells before that."""
    started = time.monotonic()
    deadline = started + seconds
    try:
        worker.send(request, deadline=deadline)
    except NotSerializable as fault:
        raise NotSent(fault.text) from fault
    reply = worker.receive(deadline)
    notices = 0
    while heard is not None and isinstance(reply, dict) and "told" in reply:
        notices += 1
        if not _is_notice(reply) or notices > NOTICES + NOTICES_A_SECOND * (time.monotonic() - started):
            raise WireError("more is told than a training has to say")
        heard(reply["told"])
        reply = worker.receive(deadline)
    return reply


def _is_notice(reply: dict[str, Any]) -> bool:
    """Whether it is what a worker tells of a training: a step with its loss or a line, and nothing along with it."""
    match reply["told"]:
        case {"step": int(), "loss": float()} as told:
            return len(reply) == 1 and len(told) == 2
        case {"line": str(line)} as told:
            return len(reply) == 1 and len(told) == 1 and len(line) <= LINE_LIMIT
    return False


def printable(message: str, limit: int = 300) -> str:
    """A stranger's text as one printable line: no control characters, no directions of writing."""
    return "".join(letter if letter.isprintable() else " " for letter in message[:limit])


def _not_carried(key: str, value: str | int) -> Text:
    """What may not cross, as a worker names it; KeyError for a key that is none of ours."""
    is_a_limit = isinstance(value, int) and 0 <= value < 1 << 31
    return NotSerializable(key, value if is_a_limit else printable(str(value), 80)).text


def _place(where: Any) -> str:
    match where:
        case [str(file), int(line)] if line < 1 << 31:
            return f" ({printable(file)}:{line})"
    return ""
