"""A session's first call imports the hand-in: with its own files, once, and whatever that does is one outcome."""

from __future__ import annotations

import pytest

import grader.sandbox.session
import grader.sandbox.submission
from grader.checking.check_context import WRAP
from grader.sandbox.faults import Crashed, Refused, Unwritten
from grader.sandbox.limits import Limits
from grader.sandbox.session import Session
from grader.sandbox.submission import Line, Proxy
from tests.workers import Nurseries, OpenHandIn

DEADLINE = 1.0  # seconds for what must hang; everything else has the half minute of the fixture


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
        (
            "import nothing_like_that",
            Crashed,
            r"ModuleNotFoundError.*\(q1\.py:1\)\. Beside your own .* else\.$",
        ),
        ("def f(:", Crashed, r"SyntaxError.*q1\.py:1"),
        ("def f(): return 1".encode("utf-16"), Crashed, r"^q1\.py is not saved as UTF-8 .*; save it as UTF-8\.$"),
        ("def f(): return 1".encode("utf-16-le"), Crashed, r"^q1\.py is not saved as UTF-8 .*UTF-16"),
        ("x = 1\nimport sys\nsys.exit(0)", Crashed, r"SystemExit.*q1\.py:3"),
        (WRITES, Refused, "grader's own connection"),
        ("import ctypes; ctypes.string_at(0)", Crashed, "SIGSEGV"),
    ],
)
def test_a_module_that_cannot_be_imported_is_imported_once(
    hand_in: OpenHandIn, monkeypatch: pytest.MonkeyPatch, source: str | bytes, fault: type[Exception], words: str
) -> None:
    """What happens at import is the outcome of every check of the question, and happens once."""
    monkeypatch.setattr(grader.sandbox.session, "CALL_SECONDS", DEADLINE)
    student = hand_in(source if isinstance(source, bytes) else source.encode())
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
