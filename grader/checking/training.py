"""Trained models: a training that all checks of a question share, what it reaches on rows, and what the audit notes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checking.audit import Labels, copies_of, looked_at, noisy, renamed
from grader.checking.bars import Accuracy
from grader.checking.fingerprint import fingerprint, fingerprints
from grader.checking.training_context import here
from grader.checking.training_run import Run, asked, built, run_on
from grader.checking.training_spec import Rows, TrainingSpec
from grader.errors import CourseError, WireError
from grader.sandbox.faults import StudentFault
from grader.sandbox.submission import Function
from grader.sandbox.weights import misfit

SEEDS = 2**16  # a hand-in may multiply its seed, and numpy's end at 2**32
MOST_CLASSES = 100  # of a confusion matrix in the run file


def trained(
    build: Function,
    train: Function,
    data: Rows,
    *,
    build_args: tuple[Any, ...] = (),
    train_args: tuple[Any, ...] = (),
    train_kwargs: Mapping[str, Any] | None = None,
    weights: str = "",
    ordered: bool = False,
) -> Trained:
    """The student's `build(*build_args)`, trained by `train(net, *train_args, X, y, seed=..., **train_kwargs)`, theirs.

    Nothing runs before it is asked for, and one training serves all checks of the question. X: uint8 (n, 3, 32, 32) or
    (n, 28, 28) images, int64 ids, or float32; y: int64 (n,). The seed is secret and the same at every regrade. `train`
    returns its losses, or yields them. weights: the file in the hand-in that may take the training's place, as
    safetensors. ordered: the classes are grades of one thing, and a model of their order is honest too (the audit
    counts them from the end).
    """
    spec = TrainingSpec(
        build=build,
        train=train,
        data=(np.asarray(data[0]), np.asarray(data[1])),
        build_args=tuple(build_args),
        train_args=tuple(train_args),
        train_kwargs=dict(train_kwargs or {}),
        file=weights,
        ordered=ordered,
    )
    return Trained(spec)


@dataclass(eq=False, repr=False)
class Trained:
    """A training that runs when it is first needed, and again with another seed where one does not decide."""

    _spec: TrainingSpec
    _runs: dict[str, Run | StudentFault] = field(default_factory=dict)
    _names: Callable[[Labels], Labels] | None = None  # of the audit's training

    @property
    def losses(self) -> list[float]:
        """What the student's training function returned or yielded, as far as it is numbers."""
        return self._shared()._run("").losses

    def accuracy(self, rows: Rows) -> Accuracy:
        """The share of rows whose label the network names, predicted in a fresh worker from the weights handed over."""
        same, rows = self._shared(), (np.asarray(rows[0]), np.asarray(rows[1]))
        run = same._run("")
        first = same._measured(run, rows)
        return Accuracy(
            first,
            again=lambda number: same._further(number, rows),
            audit=lambda: same._audit(run, rows),
            losses=run.losses,
            look_back=lambda: same._look_back(run, rows),
            entry=run.entries[fingerprints(rows)],
        )

    def predictions(self, x: NDArray[Any]) -> Labels:
        """(n,) int64: the class that the network names for each row, in the order of the rows."""
        same = self._shared()
        return same._predicted(same._run(""), x)

    def confusion(self, rows: Rows) -> NDArray[np.int64]:
        """(k, k) int64: how many rows of class i (down) the network takes for class j (across)."""
        return confusion(rows[1], self.predictions(rows[0]))

    def _shared(self) -> Trained:
        """The same training as another check of the question has asked for it, if one has."""
        same: Trained = here().done.setdefault(self._spec.key, self)
        one, other = self._spec, same._spec
        if (one.file, one.ordered) != (other.file, other.ordered):
            raise CourseError(f"{one.network} is trained once, and was asked for with other `weights` or `ordered`.")
        return same

    def _further(self, number: int, rows: Rows) -> float | None:
        """The accuracy with another seed; None where there is none: weights were handed in, or it broke off."""
        if self._handed_in():
            return None
        run = f"run {number + 1}"
        try:
            return self._measured(self._run(run), rows)
        except StudentFault as fault:
            self._run("").entries[fingerprints(rows)]["broke"] = f"{run}: {fault.text.en}"
            return None

    def _audit(self, first: Run, rows: Rows) -> None:
        """Note whether the network is another one than checks see, and how it does under other label names.

        These are secretly permuted, and it is trained once more for every set of rows that earns something: who learns
        the rows of the training by heart does so under any names, and shows on unseen ones.
        """
        key = fingerprints(rows)
        first.differs = self._differs(first) if first.differs is None else first.differs
        first.entries[key]["differs"] = first.differs
        if not here().audits(self._handed_in()) or "renamed" in first.entries[key]:
            return
        chosen = _looked_at(rows)
        x, y = (half[chosen] for half in rows)
        told: dict[str, Any] = {"plain": float(np.mean(first.predicted[key[0]][chosen] == y)), "accuracy": None}
        first.entries[key]["renamed"] = told
        if self._names is None:  # once: another part draws other ones
            draw, ordered = here().draw("names of the labels"), self._spec.ordered
            self._names = renamed(self._spec.data[1], draw, ordered=ordered)
        try:
            x = noisy(x, here().draw("noise of the audit"))
            again = self._run("audit", self._names(self._spec.data[1]))
            told["accuracy"] = float(np.mean(self._predicted(again, x) == self._names(y)))
        except StudentFault as fault:
            told["broke"] = fault.text.en

    def _differs(self, run: Run) -> str:
        """The name of a tensor in which the trained network differs from one that other checks of the question get.

        A worker that trains can be told by its seed, and what is built there may be larger than what is counted.
        """
        with suppress(StudentFault, WireError):
            return misfit(run.weights, built(self._spec.build.line, self._spec, 0).save())
        return ""

    def _look_back(self, run: Run, rows: Rows) -> None:
        """Note what became of the network from its training to this measurement, on the first rows of the training.

        carried: how much of them the network, built anew, names as it did once it was trained; known: how much it
        names rightly, and chance: how much who always names their most frequent class.
        """
        entry = run.entries[fingerprints(rows)]
        entry["untouched"] = run.untouched
        if run.own is not None:
            first, y = (half[: len(run.own)] for half in self._spec.data)
            with suppress(StudentFault):
                again = self._predicted(run, first)
                entry["carried"] = float(np.mean(again == run.own))
                entry["known"] = float(np.mean(again == y))
                entry["chance"] = float(np.bincount(y).max() / len(y))

    def _handed_in(self) -> bool:
        return self._spec.file in here().files

    def _run(self, what: str, y: Labels | None = None) -> Run:
        """The run of that name ("" is the first), trained if it is not yet; StudentFault, the same every time.

        y: (n,) labels to train on in place of the data's own.
        """
        if what not in self._runs:
            try:
                if self._handed_in() and not what:
                    self._runs[what] = self._read()
                else:
                    self._runs[what] = self._trained(what, self._spec.data[1] if y is None else y)
            except StudentFault as fault:
                self._runs[what] = fault
        found = self._runs[what]
        if isinstance(found, StudentFault):
            raise found
        return found

    def _read(self) -> Run:
        """The weights that were handed in."""
        return self._noted(Run(here().files[self._spec.file], [], {"handed_in": True, "seconds": 0.0}))

    def _trained(self, what: str, y: Labels) -> Run:
        context = here()
        labels = str(fingerprint(self._spec.data[1]))  # two trainings of the same functions have seeds of their own
        seed = int(context.draw(" ".join(["seed of", self._spec.train.name, labels, what])).integers(SEEDS))
        started = time.monotonic()
        log = {"run": what or "run 1", "handed_in": False, "seed": seed}
        run = context.somewhere(log, lambda device: run_on(device, self._spec, y, seed, log))
        log["seconds"] = round(time.monotonic() - started, 3)
        context.tell({"part": context.part, "ended": log["seconds"]})
        return self._noted(run)

    def _noted(self, run: Run) -> Run:
        context = here()
        losses = [loss if math.isfinite(loss) else None for loss in run.losses]  # JSON knows neither inf nor NaN
        run.log |= {"part": context.part, "threads": context.declared.threads, "network": self._spec.network}
        run.log |= {"losses": losses, "accuracies": []}
        context.log.append(run.log)
        return run

    def _predicted(self, run: Run, x: NDArray[Any]) -> Labels:
        """(n,) int64: the classes of x."""
        key = fingerprint(x)
        if key not in run.predicted:
            (run.predicted[key],) = asked(run, self._spec, [x])
        return run.predicted[key]

    def _measured(self, run: Run, rows: Rows) -> float:
        """The accuracy of a run on these rows, noted in the run file with what the audit looks at."""
        x, y = rows
        key = fingerprints(rows)
        if key not in run.entries:
            first = run is self._runs.get("")
            copies = self._on_copies(run, rows) if first else {}
            found = self._predicted(run, x)
            entry: dict[str, Any] = {"rows": len(x), "accuracy": float(np.mean(found == y))}
            entry["trained_on"] = key[0] == fingerprint(self._spec.data[0])
            if max(found.max(initial=0), y.max(initial=0)) < MOST_CLASSES:
                entry["confusion"] = confusion(y, found).tolist()
            if first:
                entry["copies"] = copies
            run.entries[key] = entry
            run.log["accuracies"].append(entry)
        return float(run.entries[key]["accuracy"])

    def _on_copies(self, run: Run, rows: Rows) -> dict[str, Any]:
        """The accuracy on each kind of copy and, as `plain`, on what was copied; {} where nothing can be.

        The worker that is asked for the copies then predicts the rows themselves, which it has not seen before. A
        network that breaks off on copies loses nothing by it.
        """
        x, y = rows
        chosen = _looked_at(rows)
        copies = copies_of(x[chosen], here().draw("copies of the rows"))
        if not copies:
            return {}
        try:
            *on_copies, found = asked(run, self._spec, [*copies.values(), x])
        except StudentFault as fault:
            return {"broke": fault.text.en}
        run.predicted[fingerprint(x)] = found
        named = {"plain": found[chosen], **dict(zip(copies, on_copies, strict=True))}
        return {what: float(np.mean(labels == y[chosen])) for what, labels in named.items()}


def _looked_at(rows: Rows) -> NDArray[np.int64]:
    """Which of the rows the audit looks at: the same ones on copies and under other names."""
    return looked_at(len(rows[0]), here().draw("rows that the audit looks at"))


def confusion(right: Labels, named: Labels) -> NDArray[np.int64]:
    """(k, k) int64: how many rows of class i (down) were taken for class j (across)."""
    k = int(max(right.max(initial=0), named.max(initial=0))) + 1
    return np.bincount(right * k + named, minlength=k * k).reshape(k, k)
