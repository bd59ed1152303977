"""`submission` and `solution`: proxies through which checks call the student's code and ours alike.

Nothing but calls hangs on a proxy, since students may define any name. What comes back is plain data; a network comes
back as a handle, a figure as its description.
"""

from __future__ import annotations

import inspect
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from grader.phrases import phrase
from grader.sandbox.faults import Crashed, NotSent, Refused, TooLong
from grader.sandbox.refused import NotSerializable
from grader.sandbox.wire import Marked, pack, tree_map, unpack
from grader.sandbox.worker import StudentResponder

CHECK_SECONDS = 100.0  # under the verifier's own limit for a check, or a student could have theirs cut off unjudged


class Responder(Protocol):
    """The other side: asks one request, returns the reply or raises the fault."""

    def ask(self, request: dict[str, Any], seconds: float, heard: Callable[[Any], None] | None = None) -> Any: ...


@dataclass(frozen=True)
class Formula:
    """A sympy expression, or an exact number, as the text that it prints as."""

    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def number(self) -> float | None:
        """What 5/2 or 2.5 is; None of any other text."""
        above, _, below = self.text.partition("/")
        try:
            return float(above) / float(below or 1)
        except (ValueError, ArithmeticError):
            return None


@dataclass
class Seen:
    """What the calls under `watch` did, as their own process tells it: for style credit, not for accuracy or counts."""

    warnings: list[str] = field(default_factory=list)
    modified: list[int | str] = field(default_factory=list)  # positions; of an argument handed in by name, that
    stdout: str = ""
    random: bool = False


_watching: ContextVar[Seen | None] = ContextVar("watching", default=None)


@contextmanager
def watch() -> Iterator[Seen]:
    """Calls inside the block tell what they did: warnings, arguments changed in place, stdout, global randomness."""
    seen = Seen()
    token = _watching.set(seen)
    try:
        yield seen
    finally:
        _watching.reset(token)


@dataclass
class TimeBudget:
    """Seconds that the calls of one check may take together: each alone may be slow, all of them may not."""

    left: float = CHECK_SECONDS
    whole: float = field(init=False)

    def __post_init__(self) -> None:
        self.whole = self.left


@dataclass(frozen=True)
class Line:
    """One side's line: its responder, a call's deadline, and how marked answers are wrapped (`network`, `figure`)."""

    responder: Responder
    seconds: float
    wrap: Mapping[str, Callable[[Any, Line], Any]]
    # The solution's call with the same arguments; None on the solution's own line.
    twin: Callable[[str, tuple[Any, ...], dict[str, Any]], Any] | None = None
    time_budget: TimeBudget = field(default_factory=TimeBudget)

    def ask(self, request: dict[str, Any], seconds: float | None = None) -> Any:
        reply = self._reply(request, seconds)
        return reply if "callable" in reply else self.decode(reply["value"])

    def call(self, target: Marked, args: tuple[Any, ...], kwargs: dict[str, Any], *, seed: int = 0) -> Any:
        """Call a function by name, handle or source, with encoded arguments; generators are seeded before it runs."""
        request = _calling(target, args, kwargs, 1, seed)
        seen = _watching.get()
        if seen is not None:
            request["watch"] = True
        reply = self._reply(request, None)
        if seen is not None:
            _note(seen, reply.get("seen"))
        return self.decode(reply["value"])

    def train(
        self,
        target: Marked,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        *,
        limit: float,
        seconds: float,
        threads: int,
        seed: int,
        device: tuple[str, int],
        heard: Callable[[Any], None],
    ) -> Any:
        """Call a training function: one that yields is stopped after `limit` seconds, any other after `seconds`.

        `device`: "cpu" or "cuda", where networks and tensors among `args` go, and the MiB of its memory they may take.
        `heard` gets what it prints and yields on the way, as the student's process tells it.
        """
        request = {**_calling(target, args, kwargs, threads, seed), "limit": limit, "device": device}
        return self.decode(self._reply(request, seconds, heard)["value"])

    def _reply(self, request: dict[str, Any], seconds: float | None, heard: Callable[[Any], None] | None = None) -> Any:
        """The answer, out of the check's time budget; `seconds` None: an ordinary call, with the line's deadline."""
        if self.time_budget.left <= 0:
            raise TooLong(phrase("proxy.deadline", seconds=int(self.time_budget.whole)))
        started = time.monotonic()
        try:
            return self.responder.ask(request, min(seconds or self.seconds, self.time_budget.left), heard)
        finally:
            self.time_budget.left -= time.monotonic() - started

    def decode(self, value: Any) -> Any:
        """Answers as checks see them: Marked values become Network, Figure, Formula."""
        return tree_map(self._unwrapped, value)

    def _unwrapped(self, value: Any) -> Any:
        if not isinstance(value, Marked):
            return value
        if value.tag == "formula" and isinstance(value.payload, str):
            return Formula(value.payload)
        try:
            return self.wrap[value.tag](value.payload, self)
        except Exception as fault:  # only a forged reply holds such a thing
            raise Refused(phrase("proxy.forged"), repr(fault)) from fault


def _calling(target: Marked, args: tuple[Any, ...], kwargs: dict[str, Any], threads: int, seed: int) -> dict[str, Any]:
    return {
        "do": "call",
        "target": target,
        "args": encode(list(args)),
        "kwargs": encode(kwargs),
        "threads": threads,
        "seed": seed,
    }


def encode(value: Any) -> Any:
    """Arguments as they cross: function proxies and handles become what names them."""
    return tree_map(_encoded, value)


def _encoded(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Function):
        return Marked("name", value.name)
    as_argument = getattr(type(value), "as_argument", None)
    return as_argument(value) if as_argument is not None else value


def _note(seen: Seen, told: Any) -> None:
    match told:
        case {"warnings": list(warned), "modified": list(modified), "stdout": str(stdout), "random": bool(random)}:
            seen.warnings += [str(item) for item in warned]
            seen.modified += [item for item in modified if isinstance(item, int | str)]
            seen.stdout += stdout
            seen.random |= random


class Function:
    """One function or class of the student's module, by name. May be passed as an argument to another."""

    def __init__(self, name: str, line: Line) -> None:
        self.name = name
        self.line = line

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        answer = self.line.call(Marked("name", self.name), args, kwargs)
        note_origin = getattr(answer, "note_origin", None)
        if note_origin is not None:
            note_origin(self.name, args, kwargs)
        return answer

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _look_up(f"{self.name}.{name}", self.line)

    def __repr__(self) -> str:
        return f"<function {self.name} of the hand-in>"


class Proxy:
    """A module of theirs, or of ours. `proxy.name(...)` calls; `proxy(function, ...)` runs an `@inside` function."""

    def __init__(self, line: Line) -> None:
        object.__setattr__(self, "_Proxy__line", line)

    def __getattr__(self, name: str) -> Any:
        return _look_up(name, self.__line)

    def __call__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self.__line.call(Marked("inside", (function.__name__, _inside_source(function))), args, kwargs)

    def __repr__(self) -> str:
        return "<proxy>"


def _look_up(name: str, line: Line) -> Any:
    answer = line.ask({"do": "get", "name": name})
    if isinstance(answer, dict) and answer.get("callable") is True and set(answer) == {"callable"}:
        return Function(name, line)
    return answer


def _inside_source(function: Callable[..., Any]) -> str:
    try:
        return str(function.__inside__)  # type: ignore[attr-defined]
    except AttributeError:
        raise TypeError(
            f"{function.__name__} is not marked @inside: only such a function runs beside the student's code"
        ) from None


def own_source(function: Callable[..., Any]) -> str:
    """The function's source without its decorators: what is sent in beside the student's code."""
    lines = textwrap.dedent(inspect.getsource(function)).splitlines()
    start = next(i for i, text in enumerate(lines) if text.startswith("def "))
    return "\n".join(lines[start:])


class OwnResponder:
    """The solution's side, in the verifier's own process: by the same encoder and decoder, so they share no object.

    `module` may serve several, one after another: what is handed out is remembered by each.
    """

    def __init__(self, module: ModuleType) -> None:
        self.responder = StudentResponder(module)

    def ask(self, request: dict[str, Any], seconds: float, heard: Callable[[Any], None] | None = None) -> Any:
        try:
            sent = _through(request)
        except NotSerializable as fault:
            raise NotSent(fault.text) from fault
        try:
            reply = _through(self.responder.answer(sent))
        except NotSerializable as fault:
            reply = fault.reply
        if "value" in reply or "callable" in reply:
            return reply
        if "refused" in reply:
            raise Refused(phrase("check.form"), f"the solution returned {NotSerializable(*reply['refused'])}")
        # `grader verify` proves that it answers what is right: the check has asked it about the student's own numbers
        raise Crashed(phrase("check.form"), f"the solution: {reply}", kind=str(reply.get("raised", "")))


def _through(value: Any) -> Any:
    tree, tails = pack(value)
    return unpack(tree, [bytearray(tail.tobytes()) for tail in tails])
