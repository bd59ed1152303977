"""The sample course with a third question that trains in a second, on a table that is generated in every profile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from grader.authoring.stub import stub_of
from grader.authoring.sync import sync
from grader.course import Assignment, Course, find_course
from grader.data.loaders import load
from grader.sandbox.weights import packed, tensors_of
from tests.sample_course import copied_with, solved

QUESTION = '''"""Prices of phones in four classes."""

import torch
from torch import nn


def build():
    """q3a: a network from (n, 20) to logits (n, 4)."""
    # BEGIN SOLUTION
    return nn.Sequential(nn.BatchNorm1d(20), nn.Linear(20, 4))
    # END SOLUTION


def train(net, X, y, seed):
    """q3b: train net in place; yields the losses."""
    # BEGIN SOLUTION
    torch.manual_seed(seed)
    optimiser = torch.optim.Adam(net.parameters(), 0.05)
    for epoch in range(60):
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(net(X), y)
        loss.backward()
        optimiser.step()
        yield loss.item()
    # END SOLUTION
'''
CHECKS = '''"""Prices of phones."""

from grader import needs, points, trained


@points(2, part="q3b")
@needs(minutes=0.2, threads=1)
def test_accuracy(submission, dataset, bars):
    """Unseen phones are put into their class."""
    train, unseen = dataset("phones")
    net = trained(submission.build, submission.train, train, weights="weights.safetensors")
    assert net.accuracy(unseen) == bars("q3b", "phones")


@points(1, part="q3b")
@needs(minutes=0.2, threads=1)
def test_accuracy_on_training_rows(submission, dataset, bars):
    """So are those that it was trained on, by the same network."""
    train, _ = dataset("phones")
    net = trained(submission.build, submission.train, train, weights="weights.safetensors")
    assert net.accuracy(train) == bars("q3b training rows", "phones")
'''
ENTRY = """
[question.q3_prices]
title = { en = "Prices", fa = "قیمت‌ها" }
parts."q3b" = { en = "Train", fa = "آموزش" }
weights = { part = "q3b", file = "weights.safetensors", build = "build", train = "train", data = "phones" }
"""
BARS = "".join(
    f'["q3b{what}".{source}]\nbars = [0.6]\nseconds = 1.0\ndevice = "a CPU"\n'
    for what in ("", " training rows")
    for source in ("full", "real")
)
CARD = """
title = "Phones"
home = "nowhere"
licence = "MIT"
citation = "Generated."
reader = "generated"
classes = ["0", "1", "2", "3"]
shape = [20]
dtype = "float32"
full = { train = 400, unseen = 100 }
quick = { train = 400, unseen = 100 }
standin = { generator = "phones", seed = 1, parameters = { noise = 0.1 } }
"""


def prices(folder: Path) -> tuple[Course, Assignment]:
    """The course at `folder`, in step with its exercises, and its one assignment."""
    copied_with(folder, "q3_prices", QUESTION, CHECKS, ENTRY)
    table = folder / "solutions" / "hw1" / "assignment.toml"
    table.write_text(table.read_text("utf-8").replace("bonus = [", 'data = ["phones"]\nbonus = [', 1), encoding="utf-8")
    (table.parent / "bars.toml").write_text(BARS, encoding="utf-8")
    (folder / "datasets").mkdir()
    (folder / "datasets" / "phones.toml").write_text(CARD, encoding="utf-8")
    course = find_course(folder)
    sync(course, ("hw1",))
    return course, course.assignment("hw1")


def trained_weights(course: Course) -> bytes:
    """What the third question's own functions reach, as a hand-in may bring it."""
    names: dict[str, Any] = {}
    exec(QUESTION, names)
    net = names["build"]()
    X, y = map(torch.from_numpy, load("phones", datasets=course.datasets).train)
    assert len(list(names["train"](net, X, y, seed=0)))
    return packed(tensors_of(net))


def with_prices(added: str = "") -> dict[str, bytes]:
    """Everything solved, and these definitions after those of the third question."""
    return {**solved(), "q3_prices.py": f"{QUESTION}\n\n{added}".encode()}


def without_prices(assignment: Assignment) -> dict[str, bytes]:
    """Everything solved but the third question, which is as it was released."""
    return {**solved(), "q3_prices.py": stub_of(assignment.question("q3").source).encode()}
