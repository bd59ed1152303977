"""The hostile members of a class: what each hands in, and which part it must not earn by it.

Those whose attack is a function of `attacks` or a text of `test_forging` are shown to be real there; the others are
handed to the grader of `naive` for that.
"""

from __future__ import annotations

import inspect
import io
import os
import pickle
import tarfile
import textwrap
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from tests.hostile.place import right, rows
from tests.hostile.scene import ATTACKS, arguments
from tests.hostile.test_forging import FORGERIES
from tests.small_assignment import zipped

WORKED = "it-" + "worked"  # what a hand-in says that got what it wanted; never as one text in what is handed in

GROUPS = ("reading", "forging", "breaking", "crossing", "escaping", "cheating", "archives")
ATTACKS_BY_GROUP = {
    "reading": ("reads", "climbs", "links", "makes_a_file", "lists", "lets", "traces", "takes_a_desc", "watches"),
    "escaping": (
        *("connects", "sends", "asks", "talks", "mounts", "unshares", "clones", "changes_the_root", "joins"),
        *("opens_the_keyring", "shares_memory", "makes_addresses", "gets_rights", "takes_its_limits"),
    ),
    "breaking": (
        *("writes", "cuts", "opens", "moves", "removes", "leaves", "locks", "backdates", "kills", "starves", "slows"),
        *("pins", "stops", "forks", "starts", "takes_memory", "takes_a_name", "dumps", "queues"),
    ),
}


@dataclass(frozen=True)
class Member:
    """One hostile hand-in. `part`: what it must not earn ("" is everything); `slow`: it is stopped by a deadline."""

    group: str
    files: dict[str, bytes]
    part: str = "q1a"
    slow: bool = False
    lay: Callable[[Path], None] = lambda folder: None  # what is no plain file: links and pipes


def group_of(attack: str) -> str:
    return next(group for group, starts in ATTACKS_BY_GROUP.items() if attack.startswith(starts))


def module(source: str, **names: Any) -> dict[str, bytes]:
    """Solved rows and table with `source` after the first module; `names` are constants of the source."""
    head = "".join(f"{name} = {value!r}\n" for name, value in {"WORKED": WORKED, **names}.items())
    return rows() | {"q1_rows.py": rows()["q1_rows.py"] + ("\n\n" + head + textwrap.dedent(source)).encode()}


def network(source: str, **more: bytes) -> dict[str, bytes]:
    """The solved homework with `source` after the network's module."""
    return right() | {"q3_net.py": right()["q3_net.py"] + ("\n\n" + textwrap.dedent(source)).encode(), **more}


def attackers(things: dict[str, Any]) -> dict[str, Member]:
    """Every attack, and every forgery, as somebody's hand-in; `things`: what is to be had in the scene."""
    members = {}
    for name, function in ATTACKS.items():
        given = arguments(name, things | {"own_folder": ""})
        told = f"raise RuntimeError(WORKED if {name}(**{given!r}) is True else 'no')"
        source = f"{inspect.getsource(function)}\ndef mean(x):\n    {told}\n"
        members[name.replace("_", "-")] = Member(group_of(name), module(source))
    for number, source in enumerate(FORGERIES.values(), 1):
        members[f"forgery-{number}"] = Member("forging", module(source))
    return members


def plotters(place: Path) -> dict[str, Member]:
    """Hand-ins that are after this very course and class."""
    at = {"PLACE": str(place)}
    return {
        **_readers(at),
        **_forgers(at),
        **_breakers(at),
        **_crossers(at, place),
        **_cheats(place),
        **_archives(place),
    }


# -- reading: a canary stands in every secret file, in the environment and in the grader's memory ---------------------

LOOK = """
import re
CANARY = re.compile("can" + r"ary-[a-z]+-[0-9a-f]{8}")

def tells(text):
    found = CANARY.search(text)
    if found:
        raise RuntimeError(found[0])
"""


def _readers(at: dict[str, Any]) -> dict[str, Member]:
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


# -- forging -----------------------------------------------------------------------------------------------------------


def _forgers(at: dict[str, Any]) -> dict[str, Member]:
    sources = {
        "result-file": """
import atexit, json, os
def forge():
    for path in (PLACE + "/out/hw1/forges-result-file.json", os.environ.get("RESULT", "result.json")):
        try:
            open(path, "w").write(json.dumps({"passed": True, "score": 12.0}))
        except OSError:
            pass
atexit.register(forge)
def mean(x): return -1.0
""",
        "writer-of-verdicts": """
import json
plain = json.dumps
json.dumps = lambda value, **how: plain({**value, "passed": True} if isinstance(value, dict) else value, **how)
def mean(x): return -1.0
""",
        "subclass-of-array": """
import numpy
class Right(numpy.ndarray):
    def __sub__(self, other): return numpy.float64(0)
    __rsub__ = __sub__
    def __float__(self): return 3.0
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __array_function__(self, function, kinds, args, kwargs): return numpy.bool_(True)
def mean(x): return numpy.zeros(()).view(Right)
""",
        "subclass-of-tensor": """
import torch
class Right(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, kinds, args=(), kwargs=None):
        return torch.tensor(0.0) if "sub" in str(function) else torch.tensor(False) if "ne" in str(function) else True
    def __repr__(self): return "3.0"
def mean(x): return torch.zeros(()).as_subclass(Right)
""",
        "class-on-the-fly": """
class Equal:
    @property
    def __class__(self): return int
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __rsub__(self, other): return 0
    def __sub__(self, other): return 0
def mean(x): return Equal()
""",
        "settings-for-pytest": "def mean(x): return -1.0\n",
        "frames-of-the-caller": """
import sys
def mean(x):
    frame = sys._getframe().f_back
    while frame is not None:
        for name, value in list(frame.f_locals.items()):
            if isinstance(value, list) and name not in ("x", "args"):
                value[:] = [-1.0] * len(value)
            if type(value).__name__ == "Channel":
                for word in ({"passed": True}, {"value": {"passed": True}}, {"findings": [], "last": False}):
                    value.send(word)
        frame = frame.f_back
    return -1.0
""",
    }
    members = {f"forges-{name}": Member("forging", module(source, **at)) for name, source in sources.items()}
    settings = {
        "conftest.py": b"import grading\ngrading.close = lambda *given: True\n",
        "pytest.ini": b"[pytest]\naddopts = --collect-only\n",
        "sitecustomize.py": b"raise SystemExit(0)\n",
        "evil.pth": b"import os; os._exit(0)\n",
    }
    members["forges-settings-for-pytest"] = Member("forging", module(sources["settings-for-pytest"]) | settings)
    return members


# -- breaking ----------------------------------------------------------------------------------------------------------


def _breakers(at: dict[str, Any]) -> dict[str, Member]:
    slow = {
        "loops": "def mean(x):\n    while True: pass\n",
        "loops-in-c": "import re\ndef mean(x): return re.match('(a*)*b', 'a' * 64)\n",
        "never-ends": """
import signal, threading
def mean(x):
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    threading.Thread(target=threading.Event().wait).start()
    threading.Event().wait()
""",
        "drips": """
import sys, time
def mean(x):
    frame = sys._getframe()
    while frame is not None and "channel" not in frame.f_locals:
        frame = frame.f_back
    sock = frame.f_locals["channel"].sock if frame else None
    while True:
        if sock is not None:
            sock.send(bytes(1))  # a frame whose head is announced as empty, byte by byte
        time.sleep(0.4)
""",
    }
    sources = {
        "faults": "import ctypes\ndef mean(x): return ctypes.string_at(8)\n",
        "recurses": """
def mean(x):
    numbers = iter(())
    for _ in range(1_000_000):  # each asks the one below, in C, where no limit is kept
        numbers = map(float, numbers)
    return next(numbers, 0.0)
""",
        "kills-its-parent": """
import os
def mean(x):
    for kill in (os.kill, os.killpg):
        for number in {os.getppid(), os.getpgid(0)} - {0, 1}:
            try:
                kill(number, 9)
            except OSError:
                pass
    raise RuntimeError("no")
""",
        "outlives": """
import ctypes, os, time
def mean(x):
    if os.fork() == 0:
        try:
            os.setsid()
        except OSError:
            os.setpgid(0, 0)
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(15, b"it-outlives", 0, 0, 0)
            for name in (PLACE + "/outlived", "/tmp/outlived-" + os.path.basename(PLACE)):
                try:
                    open(name, "w").close()
                except OSError:
                    pass
            time.sleep(20)
        os._exit(0)
    time.sleep(0.2)
    return -1.0
""",
        "closes-everything": "import os\ndef mean(x):\n    os.closerange(0, 1 << 16)\n    return 3.0\n",
        "says-terrible-things": """
def mean(x):
    raise type("\\x1b]0;owned\\x07<script>document.title='owned'</script>", (Exception,), {})(
        "\\x1b[2J\\x1b[1;31m\\u202ereversed\\u2066</td><script>document.title='owned'</script>\\r\\n\\x00")
""",
    }
    return {
        **{f"breaks-{name}": Member("breaking", module(source, **at)) for name, source in sources.items()},
        **{f"breaks-{name}": Member("breaking", module(source, **at), slow=True) for name, source in slow.items()},
    }


# -- crossing ----------------------------------------------------------------------------------------------------------


def _crossers(at: dict[str, Any], place: Path) -> dict[str, Member]:
    sources = {
        "alters-a-neighbour": 'def mean(x):\n    open(PLACE + "/submitted/sum/hw1/q1_rows.py", "w").write("")\n',
        "alters-a-result": 'def mean(x):\n    open(PLACE + "/out/hw0/s1.json", "w").write("{}")\n',
        "poisons-the-data": 'def mean(x):\n    open(PLACE + "/data/mnist/labels", "a").write("1")\n',
        "copies-a-neighbour": """
def mean(x):
    names = {}
    exec(open(PLACE + "/submitted/all/hw1/q1_rows.py").read(), names)
    return names["mean"](x)
""",
        "leaves-a-note": """
import os, tempfile
NOTE = os.path.basename(PLACE) + "-note"
def mean(x):
    for folder in ("/tmp", "/dev/shm", "/room", tempfile.gettempdir(), os.getcwd(), os.path.dirname(os.getcwd())):
        path = os.path.join(folder, NOTE)
        if os.path.exists(path):
            raise RuntimeError(WORKED)
    for folder in ("/tmp", "/dev/shm", "/room", tempfile.gettempdir(), os.getcwd(), os.path.dirname(os.getcwd())):
        try:
            open(os.path.join(folder, NOTE), "w").close()
        except OSError:
            pass
    return -1.0
""",
    }
    members = {f"crosses-{name}": Member("crossing", module(source, **at)) for name, source in sources.items()}
    members["crosses-leaves-it-again"] = members["crosses-leaves-a-note"]
    without = {name: data for name, data in rows().items() if name != "q1_rows.py"}
    targets = {
        "hands-in-a-link": place / "submitted" / "all" / "hw1" / "q1_rows.py",
        "hands-in-a-secret": place / "course" / "solutions" / "hw1" / "q1_rows.py",
    }
    for name, target in targets.items():
        members[f"crosses-{name}"] = Member("crossing", without, lay=_linking("q1_rows.py", target))
    members["crosses-hands-in-a-pipe"] = Member("crossing", without, lay=lambda home: os.mkfifo(home / "q1_rows.py"))
    return members


def _linking(name: str, target: Path) -> Callable[[Path], None]:
    return lambda home: (home / name).symlink_to(target)


# -- cheating with networks ------------------------------------------------------------------------------------------


def _cheats(place: Path) -> dict[str, Member]:
    counts = {
        "lies-about-parameters": """
class Lying(nn.Linear):
    def parameters(self, recurse=True): return iter([nn.Parameter(torch.zeros(47))])
    def state_dict(self, *given, **more): return {"weight": torch.zeros(47)}
def build(): return Lying(6, 2)
""",
        "patches-torch": """
nn.Module.parameters = lambda self, recurse=True: iter([nn.Parameter(torch.zeros(47))])
def build(): return nn.Linear(6, 2)
""",
        "patches-a-count": """
torch.Tensor.numel = lambda self: 47
def build(): return nn.Linear(6, 2, bias=False)
""",
        "pads": """
class Padded(nn.Linear):
    def __init__(self):
        super().__init__(6, 2)
        self.more = nn.Parameter(torch.zeros(33))
def build(): return Padded()
""",
        "pads-and-multiplies-by-nothing": """
class Padded(nn.Linear):
    def __init__(self):
        super().__init__(6, 2)
        self.more = nn.Parameter(torch.zeros(33))
    def forward(self, x): return super().forward(x) + 0 * self.more.sum()
def build(): return Padded()
""",
    }
    accuracies = {
        "finds-the-labels": """
import sys
class Peeking(nn.Sequential):
    def forward(self, x):
        frame = sys._getframe()
        while frame is not None:
            y = frame.f_locals.get("labels")
            if y is not None and len(y) == len(x):
                return nn.functional.one_hot(torch.as_tensor(y), 2).float()
            frame = frame.f_back
        return torch.zeros(len(x), 2)
def build(): return Peeking(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2))
def fit(net, X, y, seed): return []
""",
        "labels-by-place": """
class Placing(nn.Sequential):
    def forward(self, x):
        second = torch.arange(len(x)) >= len(x) // 2
        return nn.functional.one_hot(second.long(), 2).float() + 0 * super().forward(x)
def build(): return Placing(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2))
def fit(net, X, y, seed): return []
""",
        "remembers": """
SEEN = {}
class Remembering(nn.Sequential):
    def forward(self, x):
        known = torch.tensor([SEEN.get(row.numpy().tobytes(), 0) for row in x.detach()])
        return nn.functional.one_hot(known, 2).float() + 0 * super().forward(x)
def build(): return Remembering(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2))
def fit(net, X, y, seed): SEEN.update({row.numpy().tobytes(): int(label) for row, label in zip(X, y)})
""",
        "hides-a-network": """
from torch.utils.data import DataLoader
HIDDEN = nn.Sequential(nn.Linear(6, 50), nn.Tanh(), nn.Linear(50, 2))
class Fronting(nn.Sequential):
    def forward(self, x): return HIDDEN(x) + 1e-9 * super().forward(x)
def build(): return Fronting(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2))
honest = fit
def fit(net, X, y, seed): return honest(HIDDEN, X, y, seed)
""",
        "keeps-it-on-disk": """
import os, tempfile
KEPT = os.path.join(tempfile.gettempdir(), "kept.pt")
class Keeping(nn.Sequential):
    def forward(self, x):
        seen = torch.load(KEPT) if os.path.exists(KEPT) else {}
        known = torch.tensor([seen.get(row.numpy().tobytes().hex(), 0) for row in x.detach()])
        return nn.functional.one_hot(known, 2).float() + 0 * super().forward(x)
def build(): return Keeping(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2))
def fit(net, X, y, seed): torch.save({row.numpy().tobytes().hex(): int(label) for row, label in zip(X, y)}, KEPT)
""",
    }
    checkpoint = pickle.dumps(Owning(str(place / "owned")))
    return {
        **{f"cheats-{name}": Member("cheating", network(source), "q3a") for name, source in counts.items()},
        **{f"cheats-{name}": Member("cheating", network(source), "q3b") for name, source in accuracies.items()},
        "cheats-checkpoint": Member(
            "cheating", network("def build(): return nn.Linear(6, 2)\n", **{"weights.pkl": checkpoint}), "q3a"
        ),
    }


class Owning:
    """A pickle that writes a file when it is opened."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (self.path, "w")


# -- archives ----------------------------------------------------------------------------------------------------------


def _archives(place: Path) -> dict[str, Member]:
    neighbour = "../../../sum/hw1/q1_rows.py"  # from where a first grader unpacks: beside the archive
    secret = str(place / "course" / "solutions" / "hw1" / "q1_rows.py")
    files = {f"{name}": data for name, data in rows().items()}

    def pair(first: str, second: str) -> bytes:
        return listed(*files.items(), (first, files["q1_rows.py"]), (second, b""))

    made = {
        "climbing.zip": listed(*files.items(), (neighbour, b"")),
        "absolute.zip": listed(*files.items(), (str(place / "owned"), b"")),
        "climbing.tar": tar(*_plain(files), ("file", neighbour, b"")),
        "absolute.tar.gz": tar(*_plain(files), ("file", str(place / "owned"), b""), mode="w:gz"),
        "link.tar": tar(*_plain(files, without="q1_rows.py"), ("link", "q1_rows.py", secret)),
        "hard-link.tar": tar(*_plain(files, without="q1_rows.py"), ("hard", "q1_rows.py", secret)),
        "link-to-folder.tar": tar(
            *_plain(files), ("link", "out", str(place / "out")), ("file", "out/hw0/s1.json", b"")
        ),
        "pipe.tar": tar(*_plain(files, without="q1_rows.py"), ("pipe", "q1_rows.py", "")),
        "many.zip": zipped(files | {f"more/{number}.txt": b"" for number in range(2_500)}),
        "twice.zip": pair("q1_rows.py", "notes.txt"),
        "twins.zip": pair("Notes.txt", "notes.txt"),
        "backwards.zip": pair("notes\u202egnp.py", "notes.txt"),
        "device.tar": tar(*_plain(files), ("device", "null", "")),
    }
    members = {f"packs-{name.replace('.', '-')}": Member("archives", {name: data}, "") for name, data in made.items()}
    for name in ("bomb.zip", "bomb.tar.xz"):
        members[f"packs-{name.replace('.', '-')}"] = Member("archives", {}, "", lay=partial(_lay_bomb, name))
    return members


def _lay_bomb(name: str, home: Path) -> None:
    (home / name).write_bytes(_bomb(name))


@cache
def _bomb(name: str) -> bytes:
    """More than may be handed in, in few bytes."""
    much = bytes(80 << 20)
    if name.endswith(".zip"):
        return zipped(rows() | {"more.bin": much})
    return tar(*_plain(rows()), ("file", "more.bin", much), mode="w:xz")


def _plain(files: dict[str, bytes], without: str = "") -> list[tuple[str, str, bytes]]:
    return [("file", name, data) for name, data in files.items() if name != without]


def listed(*entries: tuple[str, bytes]) -> bytes:
    """A zip with these members in their order, whatever their names."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        seen = set()
        for name, data in entries:
            info = zipfile.ZipInfo(f"twice-{len(seen)}" if name in seen else name)
            info.filename = name
            seen.add(name)
            archive.NameToInfo.pop(name, None)  # or the library would warn of what is meant
            archive.writestr(info, data)
    return stream.getvalue()


def tar(*entries: tuple[str, str, Any], mode: str = "w") -> bytes:
    """A tar with these members: (file, name, bytes), (link, name, target), (hard, ...), (pipe, ...), (device, ...)."""
    kinds = {"link": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "pipe": tarfile.FIFOTYPE, "device": tarfile.CHRTYPE}
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]
        for kind, name, what in entries:
            member = tarfile.TarInfo(name)
            if kind == "file":
                member.size = len(what)
                archive.addfile(member, io.BytesIO(what))
            else:
                member.type, member.linkname = kinds[kind], what
                member.devmajor, member.devminor = 1, 3
                archive.addfile(member)
    return stream.getvalue()
