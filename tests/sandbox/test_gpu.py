"""A GPU is shown to whoever trains on it and to nobody else, and only where a shut-in worker can compute on it.

There need be no card: another node of /dev stands in its place, and every layer around it is the real one.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from grader.errors import GraderError, IsolationError
from grader.sandbox.arguments import tensor
from grader.sandbox.device import carried, settle
from grader.sandbox.faults import Crashed
from grader.sandbox.gpu import Gpu, begin_on_gpu, finish_on_gpu, nodes
from grader.sandbox.nursery import NAMESPACES
from grader.sandbox.session import begin_nursery, finish_nursery
from grader.sandbox.wire import Marked
from tests.hostile.others import ORDINARY, run_as
from tests.workers import CARD, Nurseries, OpenHandIn, counted

GRADIENTLESS = "tests.sandbox.gradientless"

LOOKING = """
import os, socket, threading

kept = []

def listed(path):
    return sorted(os.listdir(path))

def starts(path):
    with open(path, "rb") as file:
        return file.read(4)

def names_a_thread(name):
    \"\"\"As the driver does, through /proc: another thread's name, read back.\"\"\"
    found = []
    def thread():
        path = f"/proc/{os.getpid()}/task/{threading.get_native_id()}/comm"
        with open(path, "w") as file:
            file.write(name)
        with open(path) as file:
            found.append(file.read().strip())
    running = threading.Thread(target=thread)
    running.start()
    running.join()
    return found

def takes_a_name(name):
    \"\"\"As the driver does, among the names that all of one network see; before that it asks for MPS at a path.\"\"\"
    try:
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect("/tmp/nvidia-mps/control")
    except FileNotFoundError:
        kept.append(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        kept[-1].bind(name)
        kept[-1].listen(128)
        return True

def names_its_line(name):
    \"\"\"The same with the socket that it was started with, which our side has made.\"\"\"
    for number in range(3, 256):
        try:
            line = socket.socket(fileno=os.dup(number))
        except OSError:
            continue
        line.bind(name)
        return True

def reaches(name):
    socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect(name)

def writes(path):
    with open(path, "r+b") as file:
        file.write(b"1")

def variables():
    return dict(os.environ)

def train(net, X, y, seed):
    return [float(X.device.type == y.device.type == next(net.parameters()).device.type)]

def build():
    import torch
    return torch.nn.Linear(2, 2)
"""


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    """A /dev with two cards."""
    for name in ("null", "nvidia0", "nvidia3", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.fixture
def beside_a_card(hand_in: OpenHandIn) -> Any:
    """The module above in a worker that may use the card."""
    return hand_in(LOOKING, level=NAMESPACES, card=True)


# -- which card ----------------------------------------------------------------------------------------------------


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


# -- who sees it ---------------------------------------------------------------------------------------------------


def test_who_trains_there_has_what_the_driver_asks_for(beside_a_card: Any) -> None:
    """The node, /sys, its own threads to name; and torch may look for a card, and adds up in one order."""
    look = beside_a_card.proxy

    assert look.starts(CARD) == b"\0" * 4
    assert look.names_a_thread("cuda-EvtHandlr") == ["cuda-EvtHandlr"]
    assert {"devices", "bus", "module"} <= set(look.listed("/sys"))
    assert "fs" not in look.listed("/sys")  # there the control groups are
    assert "node" in look.listed("/sys/devices/system") or "cpu" in look.listed("/sys/devices/system")
    variables = look.variables()
    assert "CUDA_VISIBLE_DEVICES" not in variables
    assert variables["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"


def test_its_proc_is_its_own(beside_a_card: Any) -> None:
    """No other process is in it, and nothing of it may be written but the names of its threads."""
    look = beside_a_card.proxy

    assert [name for name in look.listed("/proc") if name.isdigit()] == ["1"]
    for path in ("/proc/self/oom_score_adj", "/proc/sys/kernel/hostname", "/proc/sys/net/ipv4/ip_forward"):
        with pytest.raises(Crashed, match=r"PermissionError|OSError|FileNotFoundError"):
            look.writes(path)
    with pytest.raises(Crashed, match="PermissionError"):
        look.starts("/proc/self/environ")


@pytest.mark.parametrize("way", ["takes_a_name", "names_its_line"])
def test_names_of_its_sockets_are_its_own(way: str, hand_in: OpenHandIn) -> None:
    """The driver takes one; another worker may take the same, and finds nobody by it."""
    name = b"\0cuda-uvmfd-4026532333-1"
    one, another, third = (hand_in(LOOKING, level=NAMESPACES, card=True).proxy for _ in range(3))

    assert getattr(one, way)(name)
    assert getattr(another, way)(name)
    with pytest.raises(Crashed, match="ConnectionRefusedError"):
        third.reaches(name)


def test_nobody_else_sees_it(hand_in: OpenHandIn) -> None:
    """A worker of the ordinary nursery has no node of it, no /proc, and nothing that says there is a card."""
    look = hand_in(LOOKING, level=NAMESPACES).proxy

    assert look.listed("/proc") == ["cpuinfo"]
    assert Path(CARD).name not in look.listed("/dev")
    assert look.variables()["CUDA_VISIBLE_DEVICES"] == ""


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


# -- whether it can be used ------------------------------------------------------------------------------------------


def test_a_machine_without_a_card_says_so() -> None:
    """Before anything is started, in words that name what was looked for."""
    with pytest.raises(GraderError, match=r"^there is no /dev/nvidia0, or none"):
        begin_on_gpu(())


@pytest.mark.skipif(not counted(), reason="no control group may be made here")
def test_its_nursery_computes_no_gradient(nurseries: Nurseries) -> None:
    """With the first one torch counts the cards for good, in a parent that must see none; others do compute some."""
    nurseries.at(NAMESPACES)  # or skip

    finish_nursery(*begin_nursery(NAMESPACES, GRADIENTLESS, nodes=[CARD])).close()
    with pytest.raises(IsolationError, match="a gradient was computed"):
        finish_nursery(*begin_nursery(NAMESPACES, GRADIENTLESS))


@pytest.mark.skipif(not counted(), reason="no control group may be made here")
def test_what_is_no_card_is_found_out() -> None:
    """A worker tries to compute there, and what it says is why not; nobody is left behind."""
    begun = begin_on_gpu([CARD])

    with pytest.raises(GraderError, match=r"^a worker cannot compute on it \((AssertionError|RuntimeError): "):
        finish_on_gpu(begun, [CARD], trusted=False)
    assert begun[0].poll() is not None


def test_where_no_worker_can_be_shut_in_there_is_none() -> None:
    """Unless the instructor trusts the submissions: then it is tried without isolation."""
    nowhere = "/dev/nvidia-that-is-not-there"

    with pytest.raises(IsolationError, match=r"^no worker can be shut in together with it \("):
        finish_on_gpu(begin_on_gpu([nowhere]), [nowhere], trusted=False)
    with pytest.raises(GraderError, match=r"^a worker cannot compute on it \("):
        finish_on_gpu(begin_on_gpu([nowhere]), [nowhere], trusted=True)


# -- what goes there -------------------------------------------------------------------------------------------------


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
    student = hand_in(LOOKING)
    arguments = (student.proxy.build(), tensor(np.ones((4, 2), "float32")), tensor(np.arange(4)))

    def trained(device: str) -> Any:
        how: dict[str, Any] = {"limit": 30.0, "seconds": 30.0, "threads": 1, "seed": 0, "heard": lambda told: None}
        return student.line.train(Marked("name", "train"), arguments, {"seed": 0}, device=(device, 1024), **how)

    assert trained("cpu") == [1.0]
    if not torch.cuda.is_available():
        with pytest.raises(Crashed, match=r"AssertionError|RuntimeError"):
            trained("cuda")
