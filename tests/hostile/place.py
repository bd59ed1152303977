"""A course with secrets in every place where some are kept, and an honest class: what hostile hand-ins come among."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from grader.authoring.stub import stub_of
from tests.sample_course import copied, lay, solved, stubs
from tests.small_assignment import zipped

TOKEN = "7d1c0b5e"
CANARY = re.compile(r"canary-[a-z]+-" + TOKEN)
NETWORK = '''"""A network that tells two classes apart.

A row x of six numbers is of class 1 where s @ x > 0 for some unknown s. Example: two layers, six to five to two.

References: any book on networks.
"""

import torch
from torch import nn


def build():
    """q3a: layers from 6 to 5 and from 5 to 2 numbers, tanh between them."""
    # BEGIN SOLUTION
    return nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2))
    # END SOLUTION


def fit(net, X, y, seed):
    """q3b: net trained on X, (n, 6) float32, and y, (n,) int64."""
    # BEGIN SOLUTION
    torch.manual_seed(seed)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
    for _ in range(120):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(X), y).backward()
        optimizer.step()
    # END SOLUTION
'''
CHECKS = '''"""Hidden checks of the network."""

from grader import needs, points, reached, trained


@points(1, part="q3a")
def test_count(submission):
    """The network has the parameters of its two layers."""
    assert submission.build().count == 6 * 5 + 5 + 5 * 2 + 2


@points(2, part="q3b")
@needs(minutes=1, threads=1)
def test_unseen_rows(submission, draw):
    """Trained with your own function, it labels unseen rows; credit begins at 90 %."""
    side = draw("side").normal(size=6)
    X = draw("X").normal(size=(600, 6)).astype("float32")
    y = (X @ side > 0).astype("int64")
    net = trained(submission.build, submission.fit, (X[:300], y[:300]))
    by_label = y[300:].argsort(kind="stable") + 300

    assert net.accuracy((X[by_label], y[by_label])) == reached({0.9: 1})
'''
PERSIAN = """statement = "شبکه‌ای که دو کلاس را از هم جدا می‌کند."

[says]
test_count = "شبکه پارامترهای همان دو لایه را دارد."
test_unseen_rows = "پس از آموزش با تابع خودتان، سطرهای ندیده را درست می‌نامد؛ نمره از ۹۰٪ آغاز می‌شود."
"""
TITLES = """
[limits]
memory_mib = 128

[question.q3_net]
title.en = "A network"
title.fa = "یک شبکه"
parts."q3a" = { en = "Its layers", fa = "لایه‌ها" }
parts."q3b" = { en = "Unseen rows", fa = "سطرهای ندیده" }
"""
FULL = 12.0  # points of a hand-in with everything right, the bonus of 1 among them


def canary(where: str) -> str:
    return f"canary-{where}-{TOKEN}"


@cache
def _rows() -> dict[str, bytes]:
    return solved()


def rows() -> dict[str, bytes]:
    """Everything solved but the network, which takes its time to train."""
    return dict(_rows())


def right() -> dict[str, bytes]:
    """Everything solved."""
    return rows() | {"q3_net.py": NETWORK.encode()}


HONEST: dict[str, tuple[dict[str, bytes], float]] = {  # what is handed in, and its score
    "all": (right(), FULL),
    "stub": (stubs(), 0.0),
    "sum": (solved(q1="def mean(x):\n    return np.sum(x)\n"), 8.0),
    "zip": ({"homework.zip": zipped({f"hw1/{name}": data for name, data in right().items()})}, FULL),
    "syntax": (rows() | {"q1_rows.py": b"def mean(:\n"}, 4.0),
}


@contextmanager
def open_place() -> Iterator[Path]:
    """A folder that every user of the machine may pass: no closed folder stops what the layers are to stop."""
    with tempfile.TemporaryDirectory(prefix="place-", ignore_cleanup_errors=True) as name:
        os.chmod(name, 0o755)
        yield Path(name)


def lay_place(place: Path) -> Path:
    """A course, earlier results, a home, data and hand-ins of the honest, a canary in each."""
    course = copied(place / "course")
    hw1 = course / "solutions" / "hw1"
    (hw1 / "q3_net.py").write_text(NETWORK)
    (course / "exercises" / "hw1" / "q3_net.py").write_text(stub_of(hw1 / "q3_net.py"))
    (hw1 / "test_q3_net.py").write_text(CHECKS)
    (hw1 / "q3_net.fa.toml").write_text(PERSIAN, encoding="utf-8")
    assignment = (hw1 / "assignment.toml").read_text(encoding="utf-8")
    assignment = assignment.replace('"q2_table"]', '"q2_table", "q3_net"]').replace(
        "[[essay]]", TITLES + "\n[[essay]]", 1
    )
    (hw1 / "assignment.toml").write_text(assignment, encoding="utf-8")
    for name, where in (("q1_rows.py", "solution"), ("test_q1_rows.py", "check")):
        with open(hw1 / name, "a") as file:
            file.write(f'\n\nKEPT = "{canary(where)}"\n')
    (course / "solutions" / "draw.key").write_text(2 * canary("key"))  # a key has 32 characters and more
    lay(place / "home", {".ssh/id": canary("home").encode()})
    lay(place / "data", {"mnist/labels": canary("labels").encode()})
    lay(place / "out" / "hw0", {"s1.json": canary("result").encode(), "gradebook.db": canary("gradebook").encode()})
    for student, (files, _) in HONEST.items():
        hand_in(place, student, files | {"notes.md": canary("neighbour").encode()} if student == "all" else files)
    (place / "tmp").mkdir()
    return place


def hand_in(place: Path, student: str, files: dict[str, bytes]) -> Path:
    """A student's folder in nbgrader's tree."""
    home = lay(place / "submitted" / student / "hw1", files)
    home.mkdir(parents=True, exist_ok=True)
    (home / "timestamp.txt").write_text("2026-10-01 12:00:00 UTC\n")
    return home


def state(place: Path) -> dict[str, str]:
    """Everything under `place` but what our own libraries or a run write: its bytes, its target, or its kind."""
    found = {}
    for folder, folders, files in os.walk(place):
        for name in [*folders, *files]:
            path = Path(folder, name)
            key = str(path.relative_to(place))
            if (
                key.startswith(("out/hw1", "home/.cache", "home/.config", "mpl", "tmp/torchinductor_"))
                or "__pycache__" in key
            ):
                continue
            if path.is_symlink():
                found[key] = f"-> {os.readlink(path)}"
            elif path.is_file():
                found[key] = hashlib.sha256(path.read_bytes()).hexdigest() + oct(path.stat().st_mode)
            else:
                found[key] = oct(path.stat().st_mode)
    return found
