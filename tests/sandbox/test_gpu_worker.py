"""A GPU is shown to whoever trains on it and to nobody else; another node of /dev stands in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.faults import Crashed
from grader.sandbox.nursery import NAMESPACES
from tests.workers import CARD, OpenHandIn

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
"""


@pytest.fixture
def beside_a_card(hand_in: OpenHandIn) -> Any:
    """The module above in a worker that may use the card."""
    return hand_in(LOOKING, level=NAMESPACES, card=True)


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
