"""What the demo's hostile members hand in: each replaces one function of the solution and so loses that part alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Attack:
    """What it does, and its definitions, which stand after the solution of a question and cost one part of it."""

    about: str
    question: str
    part: str
    source: str


ATTACKS = {
    "loops": Attack(
        "runs for ever",
        "q1",
        "q1b",
        """
def steps_to_tol(lam, lr, tol):
    while True:
        pass
""",
    ),
    "equal": Attack(
        "returns an object that equals everything",
        "q1",
        "q1b",
        """
class Equal:
    def __eq__(self, other):
        return True

def steps_to_tol(lam, lr, tol):
    return Equal()
""",
    ),
    "forks": Attack(
        "forks without end",
        "q1",
        "q1b",
        """
def steps_to_tol(lam, lr, tol):
    import os
    while True:
        os.fork()
""",
    ),
    "killer": Attack(
        "kills its parent and everybody",
        "q3",
        "q3a.total",
        """
def conv1d_total():
    import os, signal
    for victim in (os.getppid(), -1):
        try:
            os.kill(victim, signal.SIGKILL)
        except OSError:
            pass
    raise ValueError("still here")
""",
    ),
    "exits": Attack(
        "ends the process with status 0",
        "q6",
        "q6b",
        """
def conv1x1(x, w, b):
    import os
    os._exit(0)
""",
    ),
    "bomb": Attack(
        "asks for memory without end",
        "q6",
        "q6t",
        """
def used_in():
    blocks = []
    while True:  # ends at its limit of 1 GiB
        blocks.append(bytearray(1 << 28))
""",
    ),
    "reader": Attack(
        "looks for the hidden checks and the key",
        "q6",
        "q6t",
        """
def used_in():
    import os
    for start in ("/home", "/proc", "/etc", os.path.expanduser("~"), os.getcwd()):
        for folder, _, names in os.walk(start):
            for name in names:
                if name.startswith("test_q6") or name == "draw.key":
                    return [open(os.path.join(folder, name)).read()]
    return [open("/etc/passwd").read()]
""",
    ),
    "skips": Attack(
        "raises pytest's skip",
        "q6",
        "q6th",
        """
def bottleneck_saving(*args):
    import pytest
    pytest.skip("not today")
""",
    ),
    "patches": Attack(
        "replaces numpy's comparisons",
        "q7",
        "q7b",
        """
import numpy

def conv_out(*args, **kwargs):
    numpy.allclose = numpy.isclose = lambda *args, **kwargs: True
    return -1
""",
    ),
}
