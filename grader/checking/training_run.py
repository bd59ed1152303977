"""One training and what its network is asked, in workers of their own: the weights alone go from one to the other."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checking.audit import Labels
from grader.checking.network import Network
from grader.checking.training_context import here
from grader.checking.training_spec import TrainingSpec
from grader.errors import WireError
from grader.phrases import phrase
from grader.sandbox.arguments import tensor
from grader.sandbox.faults import Refused, StudentFault, TooLong
from grader.sandbox.session import printable
from grader.sandbox.submission import Line
from grader.sandbox.weights import misfit
from grader.sandbox.wire import Marked
from grader.sandbox.worker import LOSSES_KEPT

BATCH = 250  # rows a prediction batch: small enough that statistics of the test batch say little
PREDICT_SECONDS = 300.0
SECONDS_A_MINUTE = 120.0  # of a budget: a training is stopped at twice what it is meant to take
LEAST_SECONDS = 60.0  # of that limit, however small the budget
WIDEST = 10_000  # classes among which a network may choose: their confusion matrix takes 800 MB


@dataclass
class Run:
    """One training: the weights that it left, what was predicted with them, and its accuracies in the run file."""

    weights: bytes
    losses: list[float]
    log: dict[str, Any]
    seed: int = 0
    own: Labels | None = None  # of the first rows of the training, as the network named them while it was there
    untouched: bool = False  # whether every parameter and buffer is what it was before the training
    differs: str | None = None  # a tensor that other checks do not see, or see otherwise; None until it was asked
    predicted: dict[int, Labels] = field(default_factory=dict)  # by fingerprint of the rows
    entries: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)  # by fingerprints of rows and labels


def run_on(device: str, spec: TrainingSpec, y: Labels, seed: int, log: dict[str, Any]) -> Run:
    """A training on this device with these labels: weights, losses, and which classes the network names."""
    with here().fresh(device) as line:
        net = built(line, spec, seed)
        before = net.save()
        told = _fitted(line, net, spec, y, seed, device)
        losses = _floats(told[:LOSSES_KEPT]) if isinstance(told, list | tuple) else []
        weights, first = net.save(), spec.data[0][:BATCH]
        run = Run(weights, losses, log, seed, untouched=weights == before)
        with suppress(StudentFault):
            run.own = _classes(_outputs(net, first, device), len(first))
        return run


def built(line: Line, spec: TrainingSpec, seed: int) -> Network:
    """The network as the student's code builds it with this seed."""
    net = line.call(Marked("name", spec.build.name), spec.build_args, {}, seed=seed)
    if not isinstance(net, Network):
        raise Refused(phrase("training.no_network", name=spec.build.name))
    return net


def _fitted(line: Line, net: Network, spec: TrainingSpec, y: Labels, seed: int, device: str) -> Any:
    """What the student's training of the network answers; TooLong over its time, unless what it has counts."""
    context = here()
    limit = max(LEAST_SECONDS, SECONDS_A_MINUTE * context.declared.minutes)
    over = TooLong(phrase("training.over", minutes=f"{limit / 60:g}"))
    started = time.monotonic()

    def heard(told: Any) -> None:
        context.tell({"part": context.part, "seconds": time.monotonic() - started, **_said(told)})

    heard({})
    try:
        told = line.train(
            Marked("name", spec.train.name),
            (net, *spec.train_args, tensor(spec.data[0]), tensor(y)),
            {**spec.train_kwargs, "seed": seed},
            limit=limit,
            seconds=limit * 1.5 if context.declared.unfinished else limit,  # to finish the step that it is in
            threads=context.declared.threads,
            seed=seed,
            device=(device, context.share),
            heard=heard,
        )
    except TooLong:
        raise over from None
    if time.monotonic() - started > limit and not context.declared.unfinished:
        raise over
    return told


def asked(run: Run, spec: TrainingSpec, several: Sequence[NDArray[Any]]) -> list[Labels]:
    """(n,) int64 each: the classes of the rows, asked one after another of a fresh worker with the weights alone.

    The order of the rows is secret. For each a new network gets the weights: one does not change the next.
    """
    context = here()
    orders = [context.draw("order of the unseen rows").permutation(len(x)) for x in several]

    def answers(device: str) -> list[Any]:
        found = []
        with context.fresh(device) as line:
            for x, order in zip(several, orders, strict=True):
                net = built(line, spec, run.seed)
                _restore(net, run.weights)
                found.append(_outputs(net, x[order], device))
        return found

    found = []
    for order, logits in zip(orders, context.somewhere(run.log, answers), strict=True):
        found.append(np.empty(len(order), np.int64))
        found[-1][order] = _classes(logits, len(order))
    return found


def _outputs(net: Network, x: NDArray[Any], device: str) -> Any:
    net.eval()
    threads, on = here().declared.threads, (device, here().share)
    return net.predict(x, batch=BATCH, threads=threads, device=on, seconds=PREDICT_SECONDS)


def _restore(net: Network, weights: bytes) -> None:
    """Give a network its trained weights, once they are known to be its own tensors and no others."""
    try:
        wrong = misfit(weights, net.save())
    except WireError as fault:
        raise Refused(phrase("training.weights"), str(fault)) from fault
    if wrong:
        raise Refused(phrase("training.other_network", name=wrong[:60]))
    net.restore(weights)


def _classes(logits: Any, n: int) -> Labels:
    """(n,) int64: the class of the largest number in each of n rows."""
    if not isinstance(logits, np.ndarray) or logits.ndim != 2 or len(logits) != n or logits.shape[1] > WIDEST:
        raise Refused(phrase("training.logits"))
    classes: Labels = np.argmax(logits, axis=1)
    return classes


def _said(told: Any) -> dict[str, Any]:
    """What a training told on its way, as far as it has the form of such a message."""
    match told:
        case {"step": int(step), "loss": float(loss)}:
            return {"said": f"epoch {step}, loss {loss:.4g}"}
        case {"line": str(line)}:
            return {"said": printable(line, 80)}
    return {}


def _floats(losses: Sequence[Any]) -> list[float]:
    return [float(v) for v in losses if isinstance(v, float) or (isinstance(v, int) and v.bit_length() < 64)]
