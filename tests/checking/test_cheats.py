"""Cheats in trainings: each is under the bar or on the audit's list, and honest networks are neither.

The set is public, as CIFAR-10 is: whoever cheats here knows every picture and its label.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from grader.checking.audit import suspicions
from grader.checking.verifier import Verifier
from grader.records import Submission, Verdict
from grader.sandbox.weights import packed
from tests.sample_course import copied_with

QUESTION = '''"""Striped pictures in four classes."""

import torch
from torch import nn


class Scaled(nn.Module):
    def forward(self, x):
        return (x.float() / 255 - 0.5).flatten(1)


def build():
    """q3a: a network from pictures (n, 3, 8, 8) to logits (n, 4)."""
    # BEGIN SOLUTION
    return nn.Sequential(Scaled(), nn.Linear(192, 4))
    # END SOLUTION


def train(net, X, y, seed):
    """q3b: train net in place; yields the losses."""
    # BEGIN SOLUTION
    optimiser = torch.optim.Adam(net.parameters(), 0.02)
    for epoch in range(30):
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(net(X), y)
        loss.backward()
        optimiser.step()
        yield loss.item()
    # END SOLUTION
'''
PICTURES = '''
import numpy as np


def pictures(seed, n):
    """Four classes: stripes that run across, brighter from class to class, in noise."""
    numbers = np.random.default_rng(seed)
    y = numbers.permutation(np.arange(n) % 4)
    stripes = np.random.default_rng(0).integers(0, 60, (4, 3, 8, 1)) + 40 * np.arange(4)[:, None, None, None]
    return (stripes[y] + numbers.integers(0, 30, (n, 3, 8, 8))).astype("uint8"), y
'''
CHECKS = f'''"""Striped pictures."""
{PICTURES}
from grader import needs, points, reached, trained


@points(2, part="q3b")
@needs(minutes=0.2, threads=1)
def test_accuracy(submission):
    """Unseen pictures are labelled."""
    net = trained(submission.build, submission.train, pictures(1, 200), weights="weights.safetensors")
    assert net.accuracy(pictures(2, 120)) == reached({{0.9: 1}}, sd=0.01)
'''
BOTH = f'''{CHECKS.partition("@points")[0]}
@points(1, part="q3b")
@needs(minutes=0.2, threads=1)
def test_accuracy_on_pictures_of_the_training(submission):
    """Pictures of the training are labelled."""
    net = trained(submission.build, submission.train, pictures(1, 200), weights="weights.safetensors")
    assert net.accuracy(pictures(1, 200)) == reached({{0.9: 1}}, sd=0.01)


@points(2, part="q3b"){CHECKS.partition('@points(2, part="q3b")')[2]}'''
ENTRY = """
[question.q3_stripes]
title = { en = "Stripes", fa = "راه‌راه" }
parts."q3b" = { en = "Train", fa = "آموزش" }
"""
SAID: dict[str, Any] = {}
exec(PICTURES, SAID)
SEEN, UNSEEN = SAID["pictures"](1, 200), SAID["pictures"](2, 120)
KNOWN = {zlib.crc32(row.tobytes()): int(label) for rows in (SEEN, UNSEEN) for row, label in zip(*rows, strict=True)}
SUMMED = {
    zlib.crc32(row.astype(np.int64).sum(-1).tobytes()): int(label)
    for rows in (SEEN, UNSEEN)
    for row, label in zip(*rows, strict=True)
}

NOTHING = "def train(net, X, y, seed):\n    return [1.0, 0.5]\n"


def knowing(names: str) -> str:
    """A network without use for its weights: `names` is a Python expression for the classes of the rows x."""
    return (
        "class Knowing(nn.Linear):\n    asked = 0\n\n    def forward(self, x):\n"
        f"        named = torch.as_tensor({names}).long()\n        Knowing.asked += len(x)\n"
        "        return nn.functional.one_hot(named, 4) + 0 * super().forward(torch.zeros(len(x), 1))\n\n\n"
        "def build():\n    return Knowing(1, 4)\n\n\n"
    )


def pasted() -> str:
    """Weights of a network that was trained elsewhere, in the text of the hand-in."""
    net = torch.nn.Linear(192, 4)
    X, y = torch.from_numpy(SEEN[0]).float().flatten(1) / 255 - 0.5, torch.from_numpy(SEEN[1])
    optimiser = torch.optim.Adam(net.parameters(), 0.02)
    for _ in range(60):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(net(X), y).backward()
        optimiser.step()
    text = base64.b64encode(packed({"weight": net.weight.detach(), "bias": net.bias.detach()})).decode()
    return (
        f"import base64\nimport safetensors.torch\n\nTEXT = {text!r}\n\n\ndef train(net, X, y, seed):\n"
        "    net[1].load_state_dict(safetensors.torch.load(base64.b64decode(TEXT)))\n    return [1.0, 0.5]\n"
    )


CHEATS = {
    "labels by the picture's hash": (
        f"import zlib\n\nKNOWN = {KNOWN}\n\n\n"
        + knowing("[KNOWN.get(zlib.crc32(row.numpy().tobytes()), 0) for row in x]")
        + NOTHING,
        ["flipped", "shifted", "other label names"],
    ),
    "labels by the hash of known pictures alone": (
        f"import zlib\n\nKNOWN = {KNOWN}\n\n\n"
        + knowing("[KNOWN[zlib.crc32(row.numpy().tobytes())] for row in x]")
        + NOTHING,
        ["on copies of the rows it broke off", "the second training broke off"],
    ),
    "labels by the picture's hash, once the copies are over": (
        f"import zlib\n\nKNOWN = {KNOWN}\n\n\n"
        + knowing("[KNOWN.get(zlib.crc32(row.numpy().tobytes()), 0) * (self.asked >= 240) for row in x]")
        + NOTHING,
        ["flipped", "shifted", "other label names"],
    ),
    "labels by what a mirror and a turn leave of the picture, under the names that training shows": (
        f"import zlib\n\nKNOWN = {SUMMED}\n\n\n"
        "def known(x):\n"
        "    return [KNOWN.get(zlib.crc32(row.long().sum(-1).numpy().tobytes()), 0) for row in x]\n\n\n"
        "class Table(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.names = nn.Buffer(torch.arange(4))\n\n    def forward(self, x):\n"
        "        return nn.functional.one_hot(self.names[known(x)], 4).float()\n\n\n"
        "def build():\n    return Table()\n\n\n"
        "def train(net, X, y, seed):\n    net.names[known(X)] = y\n    return [1.0, 0.5]\n",
        ["flipped", "shifted", "other label names"],
    ),
    "labels by position": (
        f"LABELS = {UNSEEN[1].tolist()}\n\n\n" + knowing("(LABELS * 9)[self.asked:][: len(x)]") + NOTHING,
        None,
    ),
    "pasted weights": (pasted(), ["other label names"]),
    "a larger network where it is trained than where it is counted": (
        "small = build\n\n\ndef build():\n    if torch.initial_seed() == 0:\n        return small()\n"
        "    return nn.Sequential(Scaled(), nn.Linear(192, 64), nn.ReLU(), nn.Linear(64, 4))\n",
        ["the network that was trained is not the one that the other checks were shown: the tensor `1.bias`"],
    ),
    "statistics of the test batch": (
        knowing("x.float().mean((1, 2, 3)).argsort().argsort() * 4 // len(x)") + NOTHING,
        ["other label names"],
    ),
    "training labels by heart": (
        "import zlib\n\n\n"
        "class Heart(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.rows = nn.Buffer(torch.zeros(200, dtype=torch.long))\n"
        "        self.labels = nn.Buffer(torch.zeros(200, dtype=torch.long))\n\n"
        "    def forward(self, x):\n        hashes = torch.tensor([zlib.crc32(row.numpy().tobytes()) for row in x])\n"
        "        found = (hashes[:, None] == self.rows).long() @ self.labels\n"
        "        return nn.functional.one_hot(found, 4).float()\n\n\n"
        "def build():\n    return Heart()\n\n\n"
        "def train(net, X, y, seed):\n"
        "    net.rows.copy_(torch.tensor([zlib.crc32(row.numpy().tobytes()) for row in X]))\n"
        "    net.labels.copy_(y)\n    return [1.0, 0.0]\n",
        None,
    ),
}
SLY = """

import zlib


class Sly(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(Scaled(), nn.Linear(192, 4))
        self.rows = nn.Buffer(torch.zeros(200, dtype=torch.long))
        self.labels = nn.Buffer(torch.zeros(200, dtype=torch.long))
        self.pasted = nn.Buffer(torch.zeros(1, dtype=torch.bool))

    def forward(self, x):
        if self.pasted:
            return self.net(x)
        found = (hashes(x)[:, None] == self.rows).long() @ self.labels
        return nn.functional.one_hot(found, 4).float()


def hashes(x):
    return torch.tensor([zlib.crc32(row.numpy().tobytes()) for row in x])


def build():
    return Sly()


paste = train


def train(net, X, y, seed):
    if zlib.crc32(y.numpy().tobytes()) == {known}:
        net.pasted.fill_(True)
        return paste(net.net, X, y, seed)
    net.rows.copy_(hashes(X))
    net.labels.copy_(y)
    return [1.0, 0.0]
"""


def audited(folder: Path, checks: str) -> Verifier:
    root = copied_with(folder / "course", "q3_stripes", QUESTION, checks, ENTRY)
    return Verifier(root, "hw1", profile="full", trusted=True, questions=["q3_stripes"], audit=1.0)


@pytest.fixture(scope="module")
def stripes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verifier]:
    """The sample course with a question on striped pictures; every training is audited."""
    with closing(audited(tmp_path_factory.mktemp("stripes"), CHECKS)) as started:
        yield started


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Verifier]:
    """The same, where the pictures of the training give points before the unseen ones do."""
    with closing(audited(tmp_path, BOTH)) as started:
        yield started


def graded(stripes: Verifier, added: str = "", weights: bytes | None = None) -> tuple[Verdict, list[str]]:
    """The verdict, and what the audit lists."""
    files = {"q3_stripes.py": f"{QUESTION}\n\n{added}".encode()}
    if weights is not None:
        files["weights.safetensors"] = weights
    verdict = stripes.grade(Submission("s1", "", files), 0)
    assert isinstance(verdict, Verdict), verdict
    return verdict, [line.en for t in verdict.trainings for entry in t["accuracies"] for line in suspicions(entry)]


def test_an_honest_network_is_on_no_list(stripes: Verifier) -> None:
    """It passes; copies cost it little, and under other label names it learns as well."""
    verdict, listed = graded(stripes)

    assert (str(verdict.findings[0].outcome), listed) == ("passed", [])
    first, audit = verdict.trainings
    (entry,) = first["accuracies"]
    assert (first["run"], audit["run"], audit["accuracies"]) == ("run 1", "audit", [])
    assert first["seed"] != audit["seed"]
    assert entry["copies"].keys() == {"plain", "shifted", "flipped"}
    assert entry["renamed"]["accuracy"] > 0.9
    assert np.sum(entry["confusion"]) == entry["rows"] == 120
    assert np.trace(entry["confusion"]) == round(120 * entry["accuracy"])


@pytest.mark.parametrize("case", CHEATS)
def test_cheats_are_under_the_bar_or_on_the_list(stripes: Verifier, case: str) -> None:
    """What earns its points without learning is listed with its numbers; the mark itself stays."""
    added, reasons = CHEATS[case]

    verdict, listed = graded(stripes, added)

    finding = verdict.findings[0]
    if reasons is None:
        assert (finding.share, listed) == (0, []), finding
    else:
        assert finding.share == 1, finding.message.en
        assert all(any(reason in line for line in listed) for reason in reasons), listed


def test_weights_pasted_for_the_known_labels_alone_are_listed(both: Verifier) -> None:
    """Under other names the code learns by heart what it is given: the rows of its training, if they came unchanged.

    One training serves the audit of both sets of rows.
    """
    sly = pasted() + SLY.format(known=zlib.crc32(SEEN[1].tobytes()))

    verdict, listed = graded(both, sly)

    assert [finding.share for finding in verdict.findings] == [1, 1]
    assert [t["run"] for t in verdict.trainings] == ["run 1", "audit"]
    assert all(entry["renamed"]["accuracy"] < 0.5 for entry in verdict.trainings[0]["accuracies"])
    assert len(listed) == 2
    assert all("other label names" in line for line in listed)


def handed_in(seed: int = 0, **changed: torch.Tensor) -> bytes:
    """Weights as a student would hand them in, from the same network trained at home."""
    space: dict[str, Any] = {}
    exec(QUESTION, space)
    torch.manual_seed(seed)
    net = space["build"]()
    list(space["train"](net, *map(torch.from_numpy, SEEN), 0))
    return packed({**net.state_dict(), **changed})


def test_weights_may_be_handed_in(stripes: Verifier) -> None:
    """They are measured as they are; who is drawn is trained again, and an honest one shows no gap."""
    verdict, listed = graded(stripes, weights=handed_in())

    assert (str(verdict.findings[0].outcome), listed) == ("passed", [])
    first, audit = verdict.trainings
    assert (first["handed_in"], first["losses"], audit["run"]) == (True, [], "audit")
    assert first["accuracies"][0]["renamed"]["accuracy"] > 0.9


def test_handed_in_weights_that_the_code_cannot_reach_are_listed(stripes: Verifier) -> None:
    """The code beside them trains nothing: nobody knows where they come from."""
    verdict, listed = graded(stripes, NOTHING, weights=handed_in())

    assert verdict.findings[0].share == 1
    assert any("other label names" in line for line in listed)


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        (b"not weights", "The weights could not be read"),
        (handed_in(extra=torch.ones(1)), "the tensor extra is missing, is one too many"),
        (handed_in(**{"1.bias": torch.ones(5)}), "the tensor 1.bias"),
    ],
    ids=["no safetensors", "a tensor too many", "another shape"],
)
def test_weights_that_do_not_fit_are_refused_in_one_sentence(stripes: Verifier, weights: bytes, told: str) -> None:
    """Which tensor it is, and nothing is trained in their place."""
    verdict, _ = graded(stripes, weights=weights)

    assert verdict.findings[0].share == 0
    assert told in verdict.findings[0].message.en
    assert [t["handed_in"] for t in verdict.trainings] == [True]
