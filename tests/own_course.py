"""A course of an author's own, begun empty: one question, which trains on token ids that lie beside their card."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from grader.authoring.skeleton import new_course
from grader.authoring.sync import sync
from grader.course import Course, find_course
from tests.sample_course import SAMPLE, lay

QUESTION = '''"""Texts in two languages."""

import torch
from torch import nn


def build():
    """q1a: a network of texts (n, 8) int64, ids below 30, with two outputs."""
    # BEGIN SOLUTION
    return nn.Sequential(nn.EmbeddingBag(30, 4), nn.Linear(4, 2))
    # END SOLUTION


def train(net, X, y, seed):
    """q1a: train net in place; yields the losses."""
    # BEGIN SOLUTION
    optimiser = torch.optim.Adam(net.parameters(), 0.05)
    for epoch in range(30):
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(net(X), y)
        loss.backward()
        optimiser.step()
        yield loss.item()
    # END SOLUTION
'''
CHECKS = '''"""Hidden checks of the texts."""

from grader import needs, points, reached, trained


@points(1, part="q1a")
def test_network(submission, dataset):
    """The network has two outputs for each text."""
    _, unseen = dataset("texts")
    net = submission.build()

    assert net.shapes(unseen[0][:5])[-1][2] == (5, 2)
    assert net.count > 30


@points(2, part="q1a")
@needs(minutes=0.2, threads=1)
def test_accuracy(submission, dataset):
    """The trained network tells the languages of unseen texts; credit begins at 70 %."""
    train, unseen = dataset("texts")
    net = trained(submission.build, submission.train, train)

    assert net.accuracy(unseen) == reached({0.70: 1 / 2, 0.85: 1})
'''
TABLE = """
title = { en = "Texts" }
questions = ["q1_texts"]
data = ["texts"]

[question.q1_texts]
title = { en = "Texts" }
parts."q1a" = { en = "A classifier" }
"""
CARD = """
title = "Texts in two languages"
home = "made for this course"
licence = "MIT"
citation = "This course, 2026."
reader = "npz"
classes = ["low", "high"]
shape = [8]
dtype = "int64"
full = { train = 400, unseen = 100 }
"""


def texts() -> dict[str, np.ndarray]:
    """Words 0 to 19 in one language, 10 to 29 in the other."""
    y = np.arange(500) % 2
    X = np.random.default_rng(1).integers(0, 20, (500, 8)) + 10 * y[:, None]
    return {"X": X[:400], "y": y[:400], "X_unseen": X[400:], "y_unseen": y[400:]}


def own_course(folder: Path) -> Course:
    """The course at `folder`, in step with its exercises; the set is `texts`."""
    new_course(find_course(SAMPLE), folder, ())
    lay(
        folder,
        {
            "solutions/hw1/assignment.toml": TABLE.encode(),
            "solutions/hw1/q1_texts.py": QUESTION.encode(),
            "solutions/hw1/test_q1_texts.py": CHECKS.encode(),
            "datasets/texts.toml": CARD.encode(),
        },
    )
    np.savez(folder / "datasets" / "texts.npz", **texts())  # type: ignore[arg-type]
    table = folder / "course.toml"
    table.write_text(table.read_text("utf-8").replace("assignments = []", 'assignments = ["hw1"]'), encoding="utf-8")
    course = find_course(folder)
    sync(course, ("hw1",))
    return course
