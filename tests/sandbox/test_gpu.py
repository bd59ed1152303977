"""Which card a machine has, and whether a worker that is shut in can compute on it.

There need be no card: another node of /dev stands in its place, and every layer around it is the real one.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader.errors import GraderError, IsolationError
from grader.sandbox.gpu import Gpu, begin_on_gpu, finish_on_gpu, nodes
from grader.sandbox.nursery import NAMESPACES
from grader.sandbox.session import begin_nursery, finish_nursery
from tests.hostile.others import ORDINARY, run_as
from tests.workers import CARD, Nurseries, counted

GRADIENTLESS = "tests.sandbox.gradientless"


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    """A /dev with two cards."""
    for name in ("null", "nvidia0", "nvidia3", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("wish", "card"),
    [(None, "nvidia0"), ("3,0", "nvidia3"), ("0", "nvidia0"), ("GPU-8932f937", None), ("7", None), ("", None)],
)
def test_the_nodes_are_those_of_one_card(
    wish: str | None, card: str | None, dev: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first, or the one that is asked for by its number; with what all cards share, and nothing of another."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if wish is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", wish)

    found = [Path(node).name for node in nodes(dev)]

    assert found == ([] if card is None else [card, "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools"])


def test_a_card_without_its_driver_is_none(dev: Path, tmp_path: Path) -> None:
    """Nor is a /dev without any; under Windows all cards are one node."""
    (dev / "nvidiactl").unlink()
    assert nodes(dev) == ()
    (dev / "dxg").touch()
    assert nodes(dev) == (str(dev / "dxg"),)
    assert nodes(tmp_path / "nothing") == ()


def test_so_many_trainings_share_it() -> None:
    """As its memory holds, with what the driver takes in each of their processes and in one at rest; one at least."""
    assert [Gpu("a card", 27_000).holds(share) for share in (8_000, 8_192, 24_000, 40_000)] == [3, 2, 1, 1]


def test_without_a_control_group_there_is_none() -> None:
    """The driver takes more addresses than a limit on addresses leaves, so a group has to count the memory."""
    told = run_as(
        ORDINARY,
        sys.executable,
        "-c",
        f"""
from grader.errors import IsolationError
from grader.sandbox.session import start_nursery
from tests.workers import counted
try:
    start_nursery({NAMESPACES}, nodes=["{CARD}"]).close()
    print(counted())
except IsolationError as fault:
    print(not counted() and "no control group may be made" in str(fault))
""",
    )

    assert told.strip() == "True"


def test_a_machine_without_a_card_says_so() -> None:
    """Before anything is started, in words that name what was looked for."""
    with pytest.raises(GraderError, match=r"^there is no /dev/nvidia0, or none"):
        begin_on_gpu(())


@pytest.mark.skipif(not counted(), reason="no control group may be made here")
def test_its_nursery_computes_no_gradient(nurseries: Nurseries) -> None:
    """With the first one torch counts the cards for good, in a parent that must see none; others do compute some."""
    nurseries.at(NAMESPACES)  # or skip

    finish_nursery(begin_nursery(NAMESPACES, GRADIENTLESS, nodes=[CARD])).close()
    with pytest.raises(IsolationError, match="a gradient was computed"):
        finish_nursery(begin_nursery(NAMESPACES, GRADIENTLESS))


@pytest.mark.skipif(not counted(), reason="no control group may be made here")
def test_what_is_no_card_is_found_out() -> None:
    """A worker tries to compute there, and what it says is why not; nobody is left behind."""
    begun = begin_on_gpu([CARD])

    with pytest.raises(GraderError, match=r"^a worker cannot compute on it \((AssertionError|RuntimeError): "):
        finish_on_gpu(begun, [CARD], trusted=False)
    assert begun.process.poll() is not None


def test_where_no_worker_can_be_shut_in_there_is_none() -> None:
    """Unless the instructor trusts the submissions: then it is tried without isolation."""
    nowhere = "/dev/nvidia-that-is-not-there"

    with pytest.raises(IsolationError, match=r"^no worker can be shut in together with it \("):
        finish_on_gpu(begin_on_gpu([nowhere]), [nowhere], trusted=False)
    with pytest.raises(GraderError, match=r"^a worker cannot compute on it \("):
        finish_on_gpu(begin_on_gpu([nowhere]), [nowhere], trusted=True)
