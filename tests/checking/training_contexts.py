"""A context in this process, and the trained network of a module in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

from grader.checking.check_context import WRAP
from grader.checking.declared import Declared
from grader.checking.training import trained
from grader.checking.training_context import TrainingContext
from grader.records import Text
from grader.sandbox.faults import Crashed, TooLong
from grader.sandbox.submission import Function, Line, OwnResponder

MODULE = """
import time
import torch

LIVES = [0]


def build():
    return torch.nn.Linear(2, 2)


def train(net, X, y, seed):
    optimiser = torch.optim.SGD(net.parameters(), 0.5)
    for epoch in range(40):
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(X), y)
        loss.backward()
        optimiser.step()
        print(f"epoch {epoch}\\x1b[2J done", flush=True)
        yield loss.item()


def unlucky(net, X, y, seed):
    yield 1.0
    raise RuntimeError("out of luck")
"""


class Desk(OwnResponder):
    """A worker without a process of its own; `deaths` of them die in training."""

    def __init__(self, module: ModuleType, deaths: list[str]) -> None:
        super().__init__(module)
        self.deaths = deaths

    def ask(self, request: dict[str, Any], seconds: float, heard: Callable[[Any], None] | None = None) -> Any:
        if heard is None:
            return super().ask(request, seconds)
        if self.deaths:
            how = self.deaths.pop()
            raise TooLong(Text("It hung.")) if how == "too long" else Crashed(Text("It died."), kind=how)
        self.responder.tell = lambda told: heard(told)
        return super().ask(request, seconds)


class Here:
    """A context in this process, and the trained network of a module in it."""

    def __init__(self, train: str = "train", deaths: tuple[str, ...] = (), added: str = "", **declared: Any) -> None:
        self.module = module = ModuleType("clouds")
        exec(MODULE + added, module.__dict__)
        self.deaths = list(deaths)
        self.told: list[dict[str, Any]] = []
        self.devices: list[str] = []  # that workers were asked for

        @contextmanager
        def fresh(device: str) -> Iterator[Line]:
            self.devices.append(device)
            yield Line(Desk(module, self.deaths), 10, WRAP)

        self.context = TrainingContext(
            fresh,
            lambda name: np.random.default_rng(sum(name.encode())),
            Declared(minutes=0.1, threads=1, **declared),
            "q3b",
            tell=self.told.append,
        )
        with fresh("cpu") as line:
            pass
        numbers = np.random.default_rng(0)
        y = np.arange(60) % 2
        X = (numbers.normal(scale=0.3, size=(60, 2)) + np.where(y, 2.0, -2.0)[:, None]).astype("float32")
        self.rows = X, y
        self.net = trained(Function("build", line), Function(train, line), self.rows)
