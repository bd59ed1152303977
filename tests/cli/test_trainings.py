"""The line of a training under way: whose it is, what it says, how long it still takes."""

from __future__ import annotations

from grader.cli.trainings import Trainings


def test_a_training_is_told_while_it_runs() -> None:
    """Whose it is, what it says, how long it runs by the clock, and still takes by those that have ended."""
    clock = [100.0]
    trainings = Trainings(now=lambda: clock[0])

    trainings.heard("s1", {"part": "q7e", "seconds": 3.2, "said": "epoch 2, loss 1.5"})
    assert trainings.line == "s1 trains q7e: epoch 2, loss 1.5, 3 s"
    clock[0] += 30
    assert trainings.line == "s1 trains q7e: epoch 2, loss 1.5, 33 s"
    trainings.heard("s1", {"part": "q7e", "ended": 60.0})
    assert trainings.line == ""

    trainings.heard("s2", {"part": "q7e", "seconds": 20.0, "said": "epoch 1"})
    assert trainings.line == "s2 trains q7e: epoch 1, 20 s, about 40 s left"
    clock[0] += 50
    assert trainings.line == "s2 trains q7e: epoch 1, 70 s"  # longer than any other: nobody knows
    clock[0] -= 50
    trainings.heard("s3", {"part": "q4d", "seconds": 70.0})
    assert trainings.line == "s3 trains q4d, 70 s"
    trainings.graded("s3")  # without having said that it ended: it was killed
    assert trainings.line == "s2 trains q7e: epoch 1, 20 s, about 40 s left"
