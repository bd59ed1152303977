"""Hand-ins that look for a canary: one stands in every secret file, in the environment and in the grader's memory."""

from __future__ import annotations

from typing import Any

from tests.hostile.members import Member, module
from tests.hostile.place import rows

LOOK = """
import re
CANARY = re.compile("can" + r"ary-[a-z]+-[0-9a-f]{8}")

def tells(text):
    found = CANARY.search(text)
    if found:
        raise RuntimeError(found[0])
"""


def readers(at: dict[str, Any]) -> dict[str, Member]:
    sources = {
        "walks": """
import os
def mean(x):
    for folder, _, names in os.walk(PLACE):
        for name in names:
            tells(open(os.path.join(folder, name), errors="replace").read())
""",
        "climbs-from-home": """
import os
def mean(x):
    for start in (os.getcwd(), os.path.expanduser("~"), os.path.dirname(__file__), "/"):
        for up in range(12):
            for inner in ("course/solutions/draw.key", "solutions/draw.key", "draw.key", PLACE[1:] + "/home/.ssh/id"):
                try:
                    tells(open(os.path.join(start, *[".."] * up, inner)).read())
                except OSError:
                    pass
""",
        "environment": """
import ctypes, os
def mean(x):
    tells(str(dict(os.environ)))
    first = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
    for place in range(1000):
        if first[place] is None:
            break
        tells(first[place].decode(errors="replace"))
    tells(open("/proc/self/environ", errors="replace").read())
""",
        "everybody-s-environment": """
import os
def mean(x):
    for number in filter(str.isdigit, os.listdir("/proc")):
        for name in ("environ", "cmdline"):
            try:
                tells(open(f"/proc/{number}/{name}", errors="replace").read())
            except OSError:
                pass
""",
        "frames": """
import sys
def mean(x):
    frame = sys._getframe()
    while frame is not None:
        for names in (frame.f_locals, frame.f_globals):
            tells("".join(str(value) for name, value in names.items() if name != "CANARY"))
            for value in names.values():
                tells(str(getattr(value, "__dict__", "")))
        frame = frame.f_back
""",
        "modules": """
import sys
def mean(x):
    for name, module in list(sys.modules.items()):
        if name != __name__:
            for value in list(vars(module).values()):
                if isinstance(value, str):
                    tells(value)
                if type(value).__name__ == "function":
                    tells(str(value.__code__.co_consts))
""",
        "objects": """
import gc, linecache
def mean(x):
    tells(str(linecache.cache))
    for thing in gc.get_objects():
        if isinstance(thing, dict):
            for value in list(thing.values()):
                if type(value) is str:
                    tells(value)
""",
        "own-memory": """
import ctypes, os, sys
def mean(x):
    try:
        areas = [line.split() for line in open("/proc/self/maps") if "rw-p" in line]
        areas = [[int(side, 16) for side in area[0].split("-")] for area in areas]
    except OSError:  # nobody tells where memory is: look around what is known to be there
        known = {id(thing) >> 24 << 24 for thing in (object(), sys.modules, tells, *sys.modules.values())}
        areas = [(start, start + (1 << 24)) for start in known]
    libc = ctypes.CDLL(None)
    reading, writing = os.pipe()
    for start, end in areas:
        for page in range(start, min(end, start + (1 << 26)), 1 << 16):  # as much as a pipe holds
            size = libc.write(writing, ctypes.c_void_p(page), 1 << 16)
            if size > 0:
                tells(os.read(reading, size).decode("latin1"))
""",
        "descriptors": """
import os, socket
def mean(x):
    for number in range(3, 256):
        try:
            tells(os.pread(number, 1 << 20, 0).decode(errors="replace"))
        except OSError:
            pass
""",
    }
    members = {f"reads-{name}": Member("reading", module(LOOK + source, **at)) for name, source in sources.items()}
    cell = (
        "!cat {0}/course/solutions/draw.key > {0}/told\n%run {0}/course/solutions/hw1/q1_rows.py\n"
        "def mean(x):\n    return -1.0\n"
    ).format(at["PLACE"])
    members["reads-notebook"] = Member(
        "reading",
        {name: data for name, data in rows().items() if name != "q1_rows.py"} | {"q1_rows.ipynb": book(cell)},
    )
    return members


def book(cell: str) -> bytes:
    """A notebook of one cell, with outputs and settings of its own."""
    import json

    output = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"text/html": "<script>document.title='owned'</script>"},
    }
    code = {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": cell, "outputs": [output]}
    kernel = {"kernelspec": {"name": "evil", "display_name": "evil", "argv": ["sh", "-c", "id"]}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": kernel, "cells": [code]}).encode()
