"""What a network would do to an input, without doing it: torch's meta device knows shapes and takes no time or memory.

Separate, because the layers' settings are a student's while the time and the memory would be the verifier's.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Step:
    """One module that ran: its type, the shape of its output, and how many multiplications that takes."""

    type: str
    shape: tuple[int, ...]
    multiplications: int

    @property
    def entries(self) -> int:
        return math.prod(self.shape)


def dry_run(net: torch.nn.Module, shape: tuple[int, ...]) -> list[Step]:
    """The steps of `net` for a float32 input of this shape, in the order in which the modules finish.

    A layer with weights multiplies once for each weight that an entry of its output sees, any other once an entry.
    Raises whatever torch's layers raise for an input that does not fit.
    """
    import torch

    steps: list[Step] = []

    def note(layer: torch.nn.Module, _: Any, out: torch.Tensor) -> None:
        weight = layer._parameters.get("weight")
        seen = 1 if weight is None else weight.numel() // max(1, len(weight))
        steps.append(Step(type(layer).__name__, tuple(out.shape), out.numel() * max(1, seen)))

    shadow = copy.deepcopy(net).to("meta")
    for module in shadow.modules():
        module.register_forward_hook(note)
    shadow(torch.empty(shape, device="meta"))
    return steps
