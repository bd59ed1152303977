"""What is trained goes to the device on which it is trained, and makes that device repeat itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from grader.sandbox.arguments import tensor
from grader.sandbox.device import carried, settle
from grader.sandbox.faults import Crashed
from grader.sandbox.wire import Marked
from tests.workers import OpenHandIn

TRAINING = """
def train(net, X, y, seed):
    return [float(X.device.type == y.device.type == next(net.parameters()).device.type)]

def build():
    import torch
    return torch.nn.Linear(2, 2)
"""


def test_tensors_and_networks_are_carried() -> None:
    """To the device, and nothing else with them; torch's device without memory stands for one here."""
    net = torch.nn.Linear(2, 2)

    assert carried(torch.ones(2), "meta").device.type == "meta"
    assert carried(net, "meta") is net
    assert next(net.parameters()).device.type == "meta"
    assert carried([1.5], "meta") == [1.5]


def test_on_the_cpu_nothing_is_settled() -> None:
    """What makes a GPU repeat itself is asked of torch for a GPU alone."""
    before = torch.backends.cudnn.deterministic, torch.are_deterministic_algorithms_enabled()

    settle("cpu", 0)

    assert (torch.backends.cudnn.deterministic, torch.are_deterministic_algorithms_enabled()) == before


def test_a_training_finds_everything_on_one_device(hand_in: OpenHandIn) -> None:
    """On a device that is not there, torch's own error comes back as the student's: the training is tried elsewhere."""
    student = hand_in(TRAINING)
    arguments = (student.proxy.build(), tensor(np.ones((4, 2), "float32")), tensor(np.arange(4)))

    def trained(device: str) -> Any:
        how: dict[str, Any] = {"limit": 30.0, "seconds": 30.0, "threads": 1, "seed": 0, "heard": lambda told: None}
        return student.line.train(Marked("name", "train"), arguments, {"seed": 0}, device=(device, 1024), **how)

    assert trained("cpu") == [1.0]
    if not torch.cuda.is_available():
        with pytest.raises(Crashed, match=r"AssertionError|RuntimeError"):
            trained("cuda")
