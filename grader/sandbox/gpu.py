"""A GPU for trainings: which of its nodes a worker is shown, and whether a worker that is shut in can use it at all.

NVIDIA's driver starts in a worker that has the nodes of one card, a /proc of its own processes in which it may name its
threads, /sys, and memory in files, which a control group has to count. Whether that is enough on this machine is not
reasoned but tried: a worker like those of students computes a gradient there.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import GraderError, IsolationError
from grader.sandbox.faults import StudentFault, Ungraded
from grader.sandbox.limits import ON_GPU
from grader.sandbox.nursery import NAMESPACES, NOTHING
from grader.sandbox.session import Begun, NurseryProcess, answer_of, begin_nursery, finish_nursery, start_nursery

DEV = Path("/dev")
SHARED_NODES = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools")  # of all cards together
WSL = "dxg"  # Windows's own driver, from inside WSL2
DRIVER = 700  # MiB of a card that a process takes beside its tensors: 666 on an H100, torch 2.11
SECONDS = 120.0  # for the first use: a driver that was at rest starts
PROBE = b"""
import torch

def card():
    try:
        return computed(torch.device("cuda"))
    except Exception as fault:
        return f"{type(fault).__name__}: {fault}"

def computed(device):
    images = torch.randn(8, 3, 16, 16, device=device, requires_grad=True)
    torch.nn.functional.conv2d(images, torch.randn(4, 3, 3, 3, device=device)).square().mean().backward()
    torch.accelerator.synchronize()
    free, _ = torch.cuda.mem_get_info()
    return torch.cuda.get_device_name(), free >> 20
"""


@dataclass(frozen=True)
class Gpu:
    """A card that workers of this machine can use. `memory`: MiB that were free on it."""

    name: str
    memory: int

    def holds(self, share: int) -> int:
        """How many trainings of `share` MiB each it holds at a time, beside a worker at rest; one at least."""
        return max(1, (self.memory - DRIVER) // (share + DRIVER))


def nodes(dev: Path = DEV) -> tuple[str, ...]:
    """What in /dev belongs to one card; () where there is none.

    The card is the first that CUDA_VISIBLE_DEVICES names by its number; where that is not set, the first of all.
    """
    if (dev / WSL).exists():
        return (str(dev / WSL),)
    cards = {int(path.name[6:]): path for path in dev.glob("nvidia[0-9]*") if path.name[6:].isdigit()}
    wish = os.environ.get("CUDA_VISIBLE_DEVICES", str(min(cards, default=0))).partition(",")[0]
    card = cards.get(int(wish)) if wish.isdigit() else None
    if card is None or not (dev / SHARED_NODES[0]).exists():
        return ()
    return (str(card), *(str(dev / name) for name in SHARED_NODES if (dev / name).exists()))


def begin_on_gpu(card: Sequence[str]) -> Begun:
    """Start a nursery whose workers may use the card with these nodes, without waiting; GraderError: there are none."""
    if not card:
        raise GraderError("there is no /dev/nvidia0, or none that CUDA_VISIBLE_DEVICES names by its number")
    return begin_nursery(NAMESPACES, nodes=card)


def finish_on_gpu(begun: Begun, card: Sequence[str], *, trusted: bool) -> tuple[NurseryProcess, Gpu]:
    """Wait for that nursery, and have a worker of it compute on the card; GraderError says why it cannot.

    `trusted`: without isolation, where this machine gives none.
    """
    try:
        nursery = finish_nursery(begun)
    except IsolationError as fault:
        if not trusted:
            raise IsolationError(f"no worker can be shut in together with it ({fault})") from fault
        nursery = start_nursery(NOTHING, nodes=card)
    try:
        return nursery, _tried(nursery)
    except GraderError:
        nursery.close()
        raise


def _tried(nursery: NurseryProcess) -> Gpu:
    """The card, found by computing on it in a worker."""
    try:
        told = answer_of(nursery, PROBE, "card", [], ON_GPU, SECONDS)
    except (StudentFault, Ungraded) as fault:
        told = str(fault)
    if isinstance(told, str):
        raise GraderError(f"a worker cannot compute on it ({told.splitlines()[0]})")
    name, memory = told
    return Gpu(str(name), int(memory))
