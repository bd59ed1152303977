"""Trained models: the student's code trains in its worker, the weights go to a fresh one, and the grader measures."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checking import ledger
from grader.checking.marks import Marks
from grader.checking.network import Network
from grader.phrases import phrase
from grader.sandbox.arguments import tensor
from grader.sandbox.faults import Refused, StudentFault
from grader.sandbox.submission import Function, Line
from grader.sandbox.wire import Marked

Rows = tuple[NDArray[Any], NDArray[np.int64]]
BATCH = 250  # rows a prediction batch: small enough that statistics of the test batch say little
PREDICT_SECONDS = 300.0
LOSSES_KEPT = 5_000


@dataclass
class Studio:
    """Where a check trains: how to get a fresh worker, the seed's generator, and what it has trained already."""

    fresh: Callable[[], tuple[Line, Callable[[], object]]]  # a line of its own, and how to close it
    draw: Callable[[str], np.random.Generator]
    marks: Marks
    part: str
    device: str
    done: dict[Any, Trained | StudentFault] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)


_studio: ContextVar[Studio | None] = ContextVar("studio", default=None)


@contextmanager
def opened(studio: Studio) -> Iterator[None]:
    """The studio of the check that is running."""
    token = _studio.set(studio)
    try:
        yield
    finally:
        _studio.reset(token)


def trained(
    build: Function,
    train: Function,
    data: Rows,
    *,
    build_args: tuple[Any, ...] = (),
    train_args: tuple[Any, ...] = (),
    train_kwargs: Mapping[str, Any] | None = None,
) -> Trained:
    """The student's `build(*build_args)`, trained by `train(net, *train_args, X, y, seed=..., **train_kwargs)`, theirs.

    Nothing runs before it is asked for, and one training serves all checks of the question. X: uint8 (n, 3, 32, 32) or
    (n, 28, 28) images, or float32; y: int64 (n,). The seed is secret and the same at every regrade.
    """
    return Trained(build, train, data, tuple(build_args), tuple(train_args), dict(train_kwargs or {}))


class Trained:
    """A training that runs when it is first needed."""

    def __init__(
        self,
        build: Function,
        train: Function,
        data: Rows,
        build_args: tuple[Any, ...],
        train_args: tuple[Any, ...],
        train_kwargs: dict[str, Any],
    ) -> None:
        self._build, self._train, self._data = build, train, data
        self._build_args, self._train_args, self._train_kwargs = build_args, train_args, train_kwargs
        self._weights: dict[str, NDArray[Any]] = {}
        self._losses: list[float] = []
        self._measured: dict[int, float] = {}
        self._log: dict[str, Any] = {}

    @property
    def losses(self) -> list[float]:
        """What the student's training function returned, as far as it is numbers."""
        return self._done()._losses

    def accuracy(self, rows: Rows) -> float:
        """The share of rows whose label the network names, predicted in a fresh worker from the weights handed over."""
        return self._done()._accuracy(rows)

    def _done(self) -> Trained:
        studio = _studio.get()
        if studio is None:
            raise RuntimeError("trained(...) can be used in a hidden check only")
        x = self._data[0]
        key = (
            self._build.name,
            self._train.name,
            repr((self._build_args, self._train_args, self._train_kwargs)),
            x.shape,
            _fingerprint(x),
        )
        if key not in studio.done:
            try:
                self._run(studio)
                studio.done[key] = self
            except StudentFault as fault:
                studio.done[key] = fault
        found = studio.done[key]
        if isinstance(found, StudentFault):
            raise found
        return found

    def _run(self, studio: Studio) -> None:
        seed = int(studio.draw(f"seed of {self._train.name}").integers(2**31))
        started = time.monotonic()
        line, close = studio.fresh()
        try:
            net = _built(line, self._build.name, self._build_args)
            x, y = self._data
            told = line.call(
                Marked("name", self._train.name),
                (net, *self._train_args, tensor(x), tensor(y)),
                {**self._train_kwargs, "seed": seed},
                seconds=max(60.0, 120.0 * studio.marks.minutes),  # twice the budget
                threads=studio.marks.threads,
            )
            self._weights = net.weights
        finally:
            close()
        self._losses = (
            [float(v) for v in told[:LOSSES_KEPT] if isinstance(v, int | float)]
            if isinstance(told, list | tuple)
            else []
        )
        self._log = {
            "part": studio.part,
            "seed": seed,
            "seconds": round(time.monotonic() - started, 3),
            "device": studio.device,
            "threads": studio.marks.threads,
            "losses": self._losses,
            "accuracies": [],
        }
        studio.log.append(self._log)

    def _accuracy(self, rows: Rows) -> float:
        studio = _studio.get()
        assert studio is not None
        x, y = rows
        key = _fingerprint(x)
        if key not in self._measured:
            order = studio.draw("order of the unseen rows").permutation(len(x))
            line, close = studio.fresh()
            try:
                net = _built(line, self._build.name, self._build_args)
                if {k: v.shape for k, v in net.weights.items()} != {k: v.shape for k, v in self._weights.items()}:
                    raise Refused(phrase("training.other_network"))
                net.load(self._weights)
                net.eval()
                logits = net.predict(x[order], batch=BATCH, threads=studio.marks.threads, seconds=PREDICT_SECONDS)
            finally:
                close()
            if not isinstance(logits, np.ndarray) or logits.ndim != 2 or len(logits) != len(x):
                raise Refused(phrase("training.logits"))
            self._measured[key] = float(np.mean(np.argmax(logits, axis=1) == y[order]))
            self._log["accuracies"].append({"rows": len(x), "accuracy": self._measured[key]})
        return self._measured[key]


def _fingerprint(rows: NDArray[Any]) -> int:
    return zlib.adler32(np.ascontiguousarray(rows).data.cast("B"))


def _built(line: Line, name: str, args: tuple[Any, ...]) -> Network:
    net = line.call(Marked("name", name), args, {})
    if not isinstance(net, Network):
        raise Refused(phrase("training.no_network", name=name))
    return net


class reached:  # a word in an assert, like pytest.approx
    """`accuracy == reached({0.60: 2/6, 0.70: 4/6, 0.80: 1})`: the share of the highest bar that is reached."""

    __array_ufunc__ = None
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, bars: Mapping[float, float]) -> None:
        if not bars:
            raise ValueError("reached({}): at least one bar was asked.")
        self.bars = dict(sorted(bars.items()))

    def __eq__(self, accuracy: object) -> bool:
        if not isinstance(accuracy, float | int):
            return False
        top = max(self.bars)
        passed = [share for bar, share in self.bars.items() if accuracy >= bar]
        text = phrase("training.reached", accuracy=f"{100 * accuracy:.2f}", bar=f"{100 * top:g}")
        if not passed:
            ledger.current().differ(text)
            return False
        ledger.current().recognise(passed[-1], text=None if passed[-1] == 1 else text)
        return True

    def __repr__(self) -> str:
        return f"reached({self.bars})"
