"""What a network would do to an input, without doing it: torch's meta device knows shapes and takes no time or memory.

Separate, because the layers' settings are a student's while the time and the memory would be the verifier's.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

ONE_BY_ONE = 10  # multiplications: a number in a pool's window or in padding takes 2 to 7 ns, else 0.1 to 0.7


@dataclass(frozen=True)
class Step:
    """One module that ran: its type, the shape of its output, and how many multiplications that takes, or as long."""

    type: str
    shape: tuple[int, ...]
    multiplications: int

    @property
    def entries(self) -> int:
        return math.prod(self.shape)


def dry_run(net: torch.nn.Module, shape: tuple[int, ...]) -> list[Step]:
    """The steps of `net` for a float32 input of this shape, in the order in which the modules finish.

    A layer with weights multiplies once for each weight that an entry of its output sees, a pool looks at each number
    of each window, padding that is no zeros lays out the whole input, and any other layer multiplies once an entry.
    Raises whatever torch's layers raise for an input that does not fit.
    """
    import torch

    steps: list[Step] = []

    def note(layer: torch.nn.Module, given: tuple[torch.Tensor, ...], out: torch.Tensor) -> None:
        steps.append(Step(type(layer).__name__, tuple(out.shape), _multiplications(layer, given[0], out)))

    shadow = copy.deepcopy(net).to("meta")
    for module in shadow.modules():
        module.register_forward_hook(note)
    shadow(torch.empty(shape, device="meta"))
    return steps


def _multiplications(layer: torch.nn.Module, x: torch.Tensor, out: torch.Tensor) -> int:
    if "Pool" in type(layer).__name__:
        return out.numel() * _window(layer, x, out) * ONE_BY_ONE
    weight = layer._parameters.get("weight")
    seen = 1 if weight is None else weight.numel() // max(1, len(weight))
    return out.numel() * max(1, seen) + _laid_out(layer, x) * ONE_BY_ONE


def _window(pool: torch.nn.Module, x: torch.Tensor, out: torch.Tensor) -> int:
    """How many numbers make one entry of a pool's output, at most."""
    kind = type(pool).__name__
    if kind.startswith("Adaptive"):  # a window that does not fit exactly is longer by two at most
        return math.prod(n // m + 2 * (n % m > 0) for n, m in zip(x.shape, out.shape, strict=True) if m)
    side = vars(pool)["kernel_size"]
    sides = side if isinstance(side, tuple) else (side,)
    return math.prod(sides if len(sides) > 1 else sides * int(kind[-2]))  # MaxPool2d: one for both axes


def _laid_out(layer: torch.nn.Module, x: torch.Tensor) -> int:
    """How many numbers a layer writes down before it begins: the input with its padding, unless that is zeros."""
    from torch.nn.functional import pad

    settings = vars(layer)
    how = settings.get("padding_mode", "zeros")
    return 0 if how == "zeros" else pad(x, settings["_reversed_padding_repeated_twice"], mode=how).numel()
