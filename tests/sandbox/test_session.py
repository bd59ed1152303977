"""A session: whatever student code does to its worker is one outcome for one call, and the next call is served."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import grader.sandbox.session
import grader.sandbox.submission
from grader import inside
from grader.checking.bench import WRAP
from grader.errors import IsolationError
from grader.sandbox import nursery
from grader.sandbox.arguments import tensor
from grader.sandbox.faults import Crashed, Refused, Ungraded, Unwritten
from grader.sandbox.limits import Limits
from grader.sandbox.session import NurseryProcess, Session, begin_nursery, finish_nursery
from grader.sandbox.submission import Line, OwnDesk, Patience, Proxy, watch
from grader.sandbox.wire import Channel, Marked
from tests.workers import HandIn, Nurseries, OpenHandIn

DEADLINE = 1.0  # seconds for what must hang; everything else has the half minute of the fixture

BREAKING = """
import ctypes, os, signal, sys, threading, time
import numpy as np

state = []

def add(x):
    state.append(x)
    return list(state)

def sleep():
    time.sleep(3600)

def loop():
    while True:
        pass

def integers():
    return len(str(9 ** 9 ** 8))

def match():
    import re
    return re.match(r"(a+)+$", "a" * 64 + "b")

def ignore():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    loop()

def end():
    os._exit(0)

def leave():
    sys.exit(0)

def interrupt():
    raise KeyboardInterrupt

def segfault():
    ctypes.string_at(0)

def abort():
    os.abort()

def memory():
    return len(bytearray(8 << 30))

def pieces():
    return [bytearray(1 << 20) for _ in range(8 << 10)]

def recursion():
    return recursion()

def stack():
    threading.stack_size(64 << 10)
    def deep(n):
        return list(map(deep, [n]))
    sys.setrecursionlimit(10 ** 9)
    worker = threading.Thread(target=deep, args=(0,))
    worker.start()
    worker.join()

def hang_up():
    for descriptor in range(3, 256):
        try:
            os.close(descriptor)
        except OSError:
            pass
    return 1

def write(data):
    for descriptor in range(3, 256):
        try:
            os.write(descriptor, data)
        except OSError:
            pass
    return 1
"""


@pytest.mark.parametrize("name", ["sleep", "loop", "integers", "match", "ignore"])
def test_who_hangs_is_stopped_at_the_deadline(hand_in: OpenHandIn, name: str) -> None:
    """A call that does not end, in Python or in C, ends its worker; the next call gets a fresh one."""
    student = hand_in(BREAKING)
    assert student.proxy.add(1) == [1]

    with pytest.raises(Crashed, match="longer than 1 seconds") as fault:
        student.line.call(Marked("name", name), (), {}, seconds=DEADLINE)

    assert fault.value.kind == "TimeoutError"
    assert student.proxy.add(2) == [2]


@pytest.mark.parametrize(
    ("name", "how"),
    [("end", "exit status 0"), ("segfault", "SIGSEGV"), ("abort", "SIG"), ("hang_up", "exit status 0")],
)
def test_who_dies_is_told_of_what(hand_in: OpenHandIn, name: str, how: str) -> None:
    """A worker that ends is a crash with its reason, whatever its exit status; the next call gets a fresh one."""
    student = hand_in(BREAKING)
    student.proxy.add(1)

    with pytest.raises(Crashed, match=how) as fault:
        getattr(student.proxy, name)()

    assert fault.value.kind == "Died"
    assert student.proxy.add(2) == [2]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("leave", "SystemExit"), ("interrupt", "KeyboardInterrupt"), ("recursion", "RecursionError")],
)
def test_who_raises_lives_on(hand_in: OpenHandIn, name: str, kind: str) -> None:
    """Whatever is raised, to end Python too, is a crash that names it, and the worker keeps its state."""
    student = hand_in(BREAKING)
    student.proxy.add(1)

    with pytest.raises(Crashed, match=kind) as fault:
        getattr(student.proxy, name)()

    assert fault.value.kind == kind
    assert "q1.py:" in fault.value.text.en
    assert student.proxy.add(2) == [1, 2]


@pytest.mark.parametrize("name", ["memory", "pieces"])
def test_who_asks_for_too_much_memory_starts_anew(hand_in: OpenHandIn, name: str) -> None:
    """Beyond the limit there is no memory, at once or in pieces; the next call gets a fresh worker."""
    student = hand_in(BREAKING, limits=Limits(memory=128))
    student.proxy.add(1)

    with pytest.raises(Crashed):
        getattr(student.proxy, name)()

    assert student.proxy.add(2) == [2]


def test_a_stack_of_ones_own_is_no_way_out(hand_in: OpenHandIn) -> None:
    """Recursion in C without a limit, on a stack that is small, ends the worker and nobody else."""
    student = hand_in(BREAKING)
    student.proxy.add(1)

    with pytest.raises(Crashed, match="SIGSEGV"):
        student.proxy.stack()
    assert student.proxy.add(2) == [2]


def test_processor_time_is_bounded(hand_in: OpenHandIn) -> None:
    """A worker has its seconds of processor time, over its whole life, whatever the deadline of the call is."""
    student = hand_in(BREAKING, limits=Limits(cpu=1))

    with pytest.raises(Crashed, match="SIG") as fault:
        student.proxy.loop()
    assert fault.value.kind == "Died"


def test_all_calls_of_a_check_have_one_patience(hand_in: OpenHandIn) -> None:
    """Calls that stay just under their deadlines come to an end too: together they may take what one check may take."""
    student = hand_in(BREAKING)
    line = Line(student.session, 30.0, WRAP, patience=Patience(DEADLINE))
    proxy = Proxy(line)

    with pytest.raises(Crashed, match="longer than 1 seconds"):
        line.call(Marked("name", "loop"), (), {})
    with pytest.raises(Crashed, match="longer than 100 seconds"):
        proxy.add(1)
    assert student.proxy.add(1) == [1]


FORGERIES = {
    "nothing that a frame begins with": b"\xff" * 64,
    "an empty head": b"\0\0\0\0",
    "another shape": b"\0\0\0\x06\x93\xa1x\x90\x00",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_reply_is_not_read(hand_in: OpenHandIn, name: str) -> None:
    """Who writes to every descriptor has written nonsense; the next call gets a fresh worker."""
    student = hand_in(BREAKING)
    student.proxy.add(1)

    with pytest.raises(Refused, match="wrote to the grader's own connection"):
        student.proxy.write(FORGERIES[name])

    assert student.proxy.add(2) == [2]


FORGING = '''
import os, struct
import msgpack
import numpy as np

def reply(tree, tails=b""):
    """Answer in the grader's own words, before the worker does."""
    raw = msgpack.packb([tree, [[len(tails), False]] if tails else [], 0])
    for descriptor in range(3, 256):
        try:
            os.write(descriptor, struct.pack(">I", len(raw)) + raw + tails)
        except OSError:
            pass
    os._exit(0)

def d(**items):
    return ["d", [[key, value] for key, value in items.items()]]

def answer(number):
    reply(d(value=number))

def network(**changed):
    told = {"number": 0, "table": ["l", []], "layers": ["l", [["l", ["", "Net", d(), True]]]]}
    reply(d(value=["m", "network", d(**{**told, **changed})]))

def endless_shape():
    network(table=["l", [["l", ["w", ["l", [float("inf")]], True, True, ""]]]])

def no_layers():
    network(layers=["l", []])

def no_table():
    network(table=3)

def figure():
    reply(d(value=["m", "figure", d(axes=["l", [3]], title="", png=b"")]))

def odd_mark():
    reply(d(value=["m", "name", "os.system"]))

def both():
    reply(d(callable=True, value=["m", "name", "os.system"]))

def neither():
    reply(d(callable=True))

def no_value():
    reply(d(worth=20))

def no_dict():
    reply(["l", [1]])

def raised(kind, message, line):
    reply(d(raised=kind, message=message, where=["l", ["q1.py\\x1b[2J", line]]))

def missing():
    reply(d(missing="f\\x1b]0;pwned\\x07" * 99))

def refused():
    reply(d(refused="a \\u202eset" * 99))
'''


def test_a_reply_in_our_own_words_is_only_data(hand_in: OpenHandIn) -> None:
    """Student code may write its own reply, for the wire carries answers and never scores: it gains nothing."""
    student = hand_in(FORGING)

    assert student.proxy.answer(3) == 3
    with pytest.raises(Crashed):
        student.proxy.answer(4)


@pytest.mark.parametrize(
    "name", ["endless_shape", "no_layers", "no_table", "figure", "odd_mark", "no_value", "no_dict"]
)
def test_a_reply_of_another_form_is_refused(hand_in: OpenHandIn, name: str) -> None:
    """A reply that only a forger sends is refused: it never becomes a fault of ours, which would be no zero."""
    with pytest.raises(Refused, match="wrote to the grader's own connection"):
        getattr(hand_in(FORGING).proxy, name)()


@pytest.mark.parametrize("name", ["both", "neither"])
def test_a_reply_of_two_forms_gives_nothing_away(hand_in: OpenHandIn, name: str) -> None:
    """An answer where a lookup's reply belongs, or the reverse, is an answer of another form."""
    with pytest.raises((Refused, KeyError)):
        getattr(hand_in(FORGING).proxy, name)()


def test_text_of_strangers_is_one_printable_line(hand_in: OpenHandIn) -> None:
    """No control character, no change of direction and no flood reaches a terminal or a page through a message."""
    for name, words in (
        ("raised", ("\x1b[31mE" * 99, "a\nb\x07\u202e" * 999, 1 << 62)),
        ("missing", ()),
        ("refused", ()),
    ):
        with pytest.raises((Crashed, Refused, Unwritten)) as fault:
            getattr(hand_in(FORGING).proxy, name)(*words)
        for text in (fault.value.text.en, fault.value.text.fa.replace("\u200c", "")):
            assert text.isprintable()
            assert len(text) < 600


RAISING = """
class Odd(Exception):
    def __str__(self):
        raise RuntimeError("no")

class Loud(Exception):
    pass

Loud.__name__ = "L\\x1b[31m"

def odd():
    raise Odd

def loud():
    raise Loud("a\\x00\\ud800b\\nc")

def value():
    raise ValueError("shapes (2, 3) and (4,) do not fit")

def deeper():
    return value()

def stub():
    raise NotImplementedError("q1.f: not written yet")

def bare():
    raise NotImplementedError

def other():
    raise NotImplementedError("this optimiser has no momentum")

plain = 3

class Net:
    def forward(self):
        raise NotImplementedError("q1.net: not written yet")
"""


def test_an_exception_is_told_with_its_line(hand_in: OpenHandIn) -> None:
    """The student reads the exception, its text and the innermost line of their own file."""
    with pytest.raises(Crashed) as fault:
        hand_in(RAISING).proxy.deeper()

    assert fault.value.text.en == "Your code raised ValueError: shapes (2, 3) and (4,) do not fit (q1.py:18)"
    assert fault.value.kind == "ValueError"


def test_an_exception_that_cannot_be_printed_is_told(hand_in: OpenHandIn) -> None:
    """An exception without a text, or with one of control characters, is a crash like another."""
    student = hand_in(RAISING).proxy

    with pytest.raises(Crashed, match="raised Odd"):
        student.odd()
    with pytest.raises(Crashed) as fault:
        student.loud()
    assert fault.value.text.en.startswith("Your code raised L [31m: a ?b c")


@pytest.mark.parametrize("name", ["stub", "bare"])
def test_a_stub_is_unwritten(hand_in: OpenHandIn, name: str) -> None:
    """The stub's own NotImplementedError is no crash; a student's own NotImplementedError is one."""
    student = hand_in(RAISING).proxy

    with pytest.raises(Unwritten, match="Not written yet"):
        getattr(student, name)()
    with pytest.raises(Crashed, match="momentum"):
        student.other()


def test_what_is_not_there_is_unwritten(hand_in: OpenHandIn) -> None:
    """A function that was removed is unwritten, and named; so is one of a class."""
    student = hand_in(RAISING).proxy

    with pytest.raises(Unwritten, match=r"no removed in q1\.py"):
        student.removed()
    with pytest.raises(Unwritten, match=r"no Net\.backward in q1\.py"):
        student.Net.backward()
    assert student.plain == 3


def test_a_module_that_was_not_handed_in_is_unwritten(nurseries: Nurseries) -> None:
    """A missing file is named, and no worker is started for it."""
    channel = nurseries.best().open_channel()
    session = Session(channel, {"q2.py": b""}, "q1", Limits())

    with pytest.raises(Unwritten, match=r"q1\.py was not handed in"):
        Proxy(Line(session, 5.0, WRAP)).f()
    assert session.worker is None
    channel.close()


WRITES = """
import os
for descriptor in range(3, 256):
    try:
        os.write(descriptor, b"\\xff" * 9)
    except OSError:
        pass
"""


@pytest.mark.parametrize(
    ("source", "fault", "words"),
    [
        ("import os; os._exit(0)", Crashed, "exit status 0"),
        ("import time; time.sleep(3600)", Crashed, "longer than 1 seconds"),
        ("raise NotImplementedError", Unwritten, "Not written yet"),
        ("import nothing_like_that", Crashed, "ModuleNotFoundError"),
        ("def f(:", Crashed, r"SyntaxError.*q1\.py:1"),
        ("x = 1\nimport sys\nsys.exit(0)", Crashed, r"SystemExit.*q1\.py:3"),
        (WRITES, Refused, "grader's own connection"),
        ("import ctypes; ctypes.string_at(0)", Crashed, "SIGSEGV"),
    ],
)
def test_a_module_that_cannot_be_imported_is_imported_once(
    hand_in: OpenHandIn, monkeypatch: pytest.MonkeyPatch, source: str, fault: type[Exception], words: str
) -> None:
    """What happens at import is the outcome of every check of the question, and happens once."""
    monkeypatch.setattr(grader.sandbox.session, "CALL_SECONDS", DEADLINE)
    student = hand_in(source.encode())
    with pytest.raises(fault, match=words) as first:
        student.proxy.f()
    number = student.session.number

    with pytest.raises(fault) as second:
        student.proxy.g()

    assert second.value is first.value
    assert student.session.number == number
    assert student.session.worker is None


def test_an_import_of_a_hand_in_may_take_its_own_files(hand_in: OpenHandIn) -> None:
    """Files that were handed in lie beside the module, sub-folders too, and its own folder is the current one."""
    files = {"mine.py": b"value = 3", "data/a.txt": b"text"}
    student = hand_in("import mine\ndef f(): return mine.value, open('data/a.txt').read()", files=files)

    assert student.proxy.f() == (3, "text")


def test_plugins_in_a_hand_in_are_plain_files(hand_in: OpenHandIn) -> None:
    """Nothing in a hand-in runs because of its name."""
    noisy = b"raise SystemExit('ran')"
    names = ["conftest.py", "sitecustomize.py", "usercustomize.py", "numpy.py", "msgpack.py", "grader/__init__.py"]
    ini = {"pytest.ini": b"[pytest]\naddopts = -x", "evil.pth": b"import os; os._exit(1)"}
    student = hand_in("def f(): return 1", files=dict.fromkeys(names, noisy) | ini)

    assert student.proxy.f() == 1


WATCHED = """
import random, warnings
import numpy as np
import torch

def quiet(a, b):
    return a

def louder():
    print("hello")
    warnings.warn("careful", RuntimeWarning)
    return 1

def changes(array, numbers, nested, tensor, kept):
    array[0] = 9
    numbers[0] = 9
    nested["x"][0] += 1
    with torch.no_grad():
        tensor += 1
    return 1

def rolls(library):
    return {"numpy": np.random.rand, "torch": lambda: torch.rand(1), "random": random.random}[library]()

def generator():
    return np.random.default_rng().random()

def flood():
    print("x" * (1 << 21))

def rolled():
    return np.random.rand(), torch.rand(1).item(), random.random()
"""


def test_watch_tells_what_was_changed(hand_in: OpenHandIn) -> None:
    """The positions of arguments changed in place: arrays, lists, dicts and tensors; NaN alone is no change."""
    student = hand_in(WATCHED).proxy
    nan = np.array([np.nan, 1.0])

    with watch() as seen:
        student.changes(nan.copy(), [1, 2], {"x": np.zeros(2)}, tensor([0.0]), (nan, [tensor([np.nan])]))
        student.quiet(nan, [float("nan"), "a", {"b": nan}])

    assert seen.modified == [0, 1, 2, 3]


def test_watch_tells_what_was_said(hand_in: OpenHandIn) -> None:
    """Warnings and prints come back, cut at 64 KiB; outside of watch nobody hears them."""
    student = hand_in(WATCHED).proxy
    student.louder()
    with watch() as seen:
        student.louder()
    with watch() as flooded:
        student.flood()

    assert (seen.warnings, seen.stdout) == (["RuntimeWarning: careful"], "hello\n")
    assert len(flooded.stdout) == 1 << 16
    assert (seen.modified, seen.random) == ([], False)


@pytest.mark.parametrize("library", ["numpy", "torch", "random"])
def test_watch_tells_of_global_randomness(hand_in: OpenHandIn, library: str) -> None:
    """The global generators are watched; a generator of one's own is none."""
    student = hand_in(WATCHED).proxy
    with watch() as own:
        student.generator()
    with watch() as seen:
        student.rolls(library)

    assert (own.random, seen.random) == (False, True)


def test_forgotten_seeds_roll_the_same(hand_in: OpenHandIn) -> None:
    """Code that does not seed gives the same result at every regrade."""
    assert hand_in(WATCHED).proxy.rolled() == hand_in(WATCHED).proxy.rolled()


CALLING = """
import torch

class Net(torch.nn.Module):
    def __init__(self, width=2):
        super().__init__()
        self.layer = torch.nn.Linear(width, 1)
    def forward(self, x):
        return self.layer(x)

class Counter:
    def double(x):
        return 2 * x

def square(x):
    return x * x

def twice(f, x):
    return f(f(x))

def nets():
    one = Net()
    return {"all": [one, (Net(3), one)]}

def same(a, b):
    return a["net"] is b[0]

ready = Net()
"""


def test_handles_lead_back_wherever_they_are(hand_in: OpenHandIn) -> None:
    """Networks within lists, tuples and dicts come back as handles and go in again as the very same modules."""
    student = hand_in(CALLING).proxy
    one, (other, again) = student.nets()["all"]

    assert student.same({"net": one}, [again])
    assert not student.same({"net": one}, [other])
    assert student.ready.count == 3
    assert student.Net(5).count == 6


def test_functions_are_arguments(hand_in: OpenHandIn) -> None:
    """A function of the student's goes in by name, a method of a class too."""
    student = hand_in(CALLING).proxy

    assert student.twice(student.square, 3) == 81
    assert student.twice(student.Counter.double, 3) == 12


@inside
def applied(function: Any, net: Any, x: Any) -> Any:
    import torch

    assert isinstance(net, torch.nn.Module)
    return function(x) + net.layer.in_features


@inside
def broken(_: Any) -> Any:
    raise ValueError("our own mistake")


def test_our_source_runs_beside_theirs(hand_in: OpenHandIn) -> None:
    """An `@inside` function gets real functions and modules; what it raises is told without a line of the student's."""
    student = hand_in(CALLING).proxy

    assert student(applied, student.square, student.ready, 3) == 11
    with pytest.raises(Crashed) as fault:
        student(broken, 1)
    assert fault.value.text.en == "Your code raised ValueError: our own mistake"


def test_arguments_of_ours_that_may_not_cross_are_our_fault(hand_in: OpenHandIn) -> None:
    """A check that passes what the wire does not carry is ungraded, never a zero."""
    student = hand_in(CALLING)
    with pytest.raises(Ungraded):
        student.proxy.square({1})

    assert student.proxy.square(2) == 4


def test_more_than_the_grader_can_hold_is_refused(hand_in: OpenHandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer for which the verifier has no memory is the student's answer, not the verifier's fault."""
    student = hand_in(CALLING)
    student.proxy.square(2)

    def full(*_: Any) -> Any:
        raise MemoryError

    assert student.session.worker is not None
    monkeypatch.setattr(student.session.worker, "receive", full)
    with pytest.raises(Refused, match="more data than the grader can hold"):
        student.proxy.square(2)
    assert student.proxy.square(2) == 4


def test_an_answer_as_long_as_a_call_allows_comes_back(hand_in: OpenHandIn) -> None:
    """Arrays longer than a worker's files may be cross as well."""
    student = hand_in("import numpy as np\ndef f(n): return np.ones(n, np.uint8)").proxy
    size = (Limits.file_size << 20) + 1

    assert int(student.f(size)[-1]) == 1


def test_without_a_nursery_nothing_is_judged(hand_in: OpenHandIn) -> None:
    """When the channel to the nursery is gone, a check is ungraded."""
    student: HandIn = hand_in(CALLING)
    student.session.channel.close()

    with pytest.raises(Ungraded, match="could not start a process"):
        student.proxy.square(2)


def test_a_nursery_that_has_gone_opens_no_channel() -> None:
    """A nursery that ended is our fault too."""
    here, there = socket.socketpair()
    there.close()
    with closing(Channel(here)) as link:
        gone = NurseryProcess(None, link, "gone", nursery.NAMESPACES)  # type: ignore[arg-type]

        with pytest.raises(Ungraded, match="nursery has gone"):
            gone.open_channel()


def test_a_nursery_that_cannot_shut_itself_in_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the reason is known it is told, and where the process just ended, that."""
    monkeypatch.setattr(grader.sandbox.session.sys, "executable", "/bin/false")
    with pytest.raises(IsolationError, match="did not start"):
        finish_nursery(*begin_nursery(nursery.NAMESPACES))


def test_the_solutions_desk_raises_as_a_students_does(tmp_path: Path) -> None:
    """The solution is asked by the same calls; when it fails on a student's numbers, nothing of it is shown."""
    path = tmp_path / "q1.py"
    path.write_text("GIVEN = {'a': 1}\ndef f(x): return GIVEN['a'] / x\ndef g(): return {1}")
    proxy = Proxy(Line(OwnDesk(path, {"a": 6}), 5.0, WRAP))

    assert proxy.f(2) == 3.0
    for call in (lambda: proxy.f(0), lambda: proxy.g()):
        with pytest.raises((Crashed, Refused)) as fault:
            call()
        assert fault.value.text.en == "Your answer has another form than was asked."
        assert "solution" in fault.value.detail
