"""What is trained, as a check asks for it: two checks that ask for the same share one training."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from grader.checking.audit import Labels
from grader.checking.fingerprint import fingerprints
from grader.sandbox.submission import Function

Rows = tuple[NDArray[Any], Labels]  # X (n, ...), y (n,) int64


@dataclass(frozen=True)
class TrainingSpec:
    """What is trained: by which functions of the student's, with what, on which rows."""

    build: Function
    train: Function
    data: Rows
    build_args: tuple[Any, ...]
    train_args: tuple[Any, ...]
    train_kwargs: dict[str, Any]
    file: str  # of weights in the hand-in that may take its place; "" for none
    ordered: bool

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal for two checks that ask for the same training."""
        arguments = repr((self.build_args, self.train_args, self.train_kwargs))
        return (self.build.name, self.train.name, arguments, self.data[0].shape, *fingerprints(self.data))

    @property
    def network(self) -> str:
        """How the network is made, for people: the builder's call, and the trainer's where it is given something."""
        given = [*map(reprlib.repr, self.train_args)]
        given += [f"{name}={reprlib.repr(value)}" for name, value in self.train_kwargs.items()]
        made = f"{self.build.name}({', '.join(map(reprlib.repr, self.build_args))})"
        return made + (f", {self.train.name}({', '.join(given)})" if given else "")
