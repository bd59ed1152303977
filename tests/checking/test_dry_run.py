"""A dry run knows every shape and what it costs, and neither takes memory nor changes the network."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from grader.checking.dry_run import ONE_BY_ONE, Step, dry_run


def test_steps_are_those_of_the_real_run() -> None:
    """Types and shapes come in the order in which the modules finish; a layer with weights multiplies for each."""
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 5))

    assert dry_run(net, (2, 3, 8, 8)) == [
        Step("Conv2d", (2, 8, 6, 6), 2 * 8 * 36 * 27),
        Step("ReLU", (2, 8, 6, 6), 2 * 8 * 36),
        Step("Flatten", (2, 288), 576),
        Step("Linear", (2, 5), 10 * 288),
        Step("Sequential", (2, 5), 10),
    ]


@pytest.mark.parametrize(
    ("layer", "numbers"),
    [
        (nn.MaxPool2d(3, stride=2), 16 * 9),
        (nn.AvgPool2d((3,), stride=1), 49 * 9),
        (nn.AvgPool2d((1, 9)), 9 * 9),
        (nn.AdaptiveAvgPool2d(3), 9 * 9),
        (nn.AdaptiveMaxPool2d((9, 2)), 18 * 6),  # 9 in 2 windows: 4 and 2 more at most
        (nn.Conv2d(1, 1, 1, stride=10**3, padding=10**3, padding_mode="replicate"), 2009**2),
    ],
    ids=["pool", "one side", "two sides", "adaptive", "overlapping", "padding"],
)
def test_what_is_taken_up_one_by_one_is_counted(layer: nn.Module, numbers: int) -> None:
    """A pool looks at its whole window for each entry, and padding that is no zeros is written down first."""
    (step,) = dry_run(layer, (1, 1, 9, 9))

    assert step.multiplications // ONE_BY_ONE == numbers


def test_what_cannot_be_borne_is_only_counted() -> None:
    """An output of 10 PB is a number here, and the network stays where it was."""
    net = nn.Sequential(nn.Conv2d(1, 1, 1), nn.AdaptiveAvgPool2d(5 * 10**7))
    steps = dry_run(net, (1, 1, 4, 4))

    assert steps[1].entries == 25 * 10**14
    assert next(net.parameters()).device.type == "cpu"
    assert not net[0]._forward_hooks


def test_an_input_that_does_not_fit_raises() -> None:
    """Torch's own layers say that it does not."""
    with pytest.raises(RuntimeError):
        dry_run(nn.Linear(3, 2), (1, 4))


def test_batch_statistics_are_left_alone() -> None:
    """Running once more on paper moves no running mean."""
    net = nn.BatchNorm1d(3).train()
    dry_run(net, (4, 3))

    assert torch.equal(net.running_mean, torch.zeros(3))  # type: ignore[arg-type]
