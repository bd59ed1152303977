"""The helper process: it answers, it can be killed, it keeps nothing of its parent's and does not outlive it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.checking.plugin import processor_time
from grader.checking.symbolic import client, server
from grader.checking.symbolic.verdict import Comparison, Decision
from grader.errors import CourseError

X = {"x": "real"}


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    client.close()
    yield
    client.close()


def test_answers_as_compare_does() -> None:
    """What comes back is the comparison, its sentences in both languages included."""
    found = client.compared("x/x + 1", "x", X)

    assert found.verdict is Decision.DIFFERENT
    assert found.counterexample == {"at": {"x": 1}, "yours": 2.0, "expected": 1.0}
    assert found.texts[0].fa
    assert client.compared("2x", "x+x", X).verdict is Decision.PROVED


def test_one_helper_for_many_requests() -> None:
    """It lives on from request to request."""
    client.compared("x", "x", X)
    first = client._child
    client.compared("x", "2x", X)

    assert client._child is first


def test_authors_mistake_comes_back_as_such() -> None:
    """A reference that cannot be read is raised on our side."""
    with pytest.raises(CourseError, match="cannot be read"):
        client.compared("x", "x +", X)


def test_oversized_request_is_not_sent() -> None:
    """A message over the limit has no answer."""
    assert client.ask({"do": "compare", "answer": "x" * server.LIMIT}, client.SECONDS) is None


def test_a_stuck_helper_is_killed_and_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison that never ends is undecided at its first run; the next request gets a helper that works."""
    begun = tmp_path / "begun"

    def forever(*_: Any, **__: Any) -> Comparison:
        begun.mkdir()
        while True:
            pass

    with monkeypatch.context() as patch:
        patch.setattr(server, "compare", forever)
        patch.setattr(client, "SECONDS", 0.2)
        assert client.compared("x", "x", X).verdict is Decision.UNDECIDED
        assert client._child is None
    assert client.compared("x", "x", X).equal


def test_a_stuck_helper_of_a_check_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check has a limit on the processor too, which raises there: it kills a helper that was forked within."""

    def forever(*_: Any, **__: Any) -> Comparison:
        (tmp_path / str(os.getpid())).touch()
        while True:
            pass

    monkeypatch.setattr(server, "compare", forever)
    monkeypatch.setattr(client, "SECONDS", 0.2)
    monkeypatch.setattr(client, "WAITING", 600)
    with processor_time(30):
        assert client.compared("x", "x", X).verdict is Decision.UNDECIDED

    assert len(list(tmp_path.iterdir())) == 1


def test_a_busy_machine_changes_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is of the processor: who has to wait for it is judged like everybody else."""

    def waiting(*words: Any, **more: Any) -> Comparison:
        other = os.fork()
        if other == 0:
            while time.process_time() < 0.4:  # twice what the helper itself may have
                pass
            os._exit(0)
        os.waitpid(other, 0)
        return compare(*words, **more)

    compare = server.compare
    monkeypatch.setattr(server, "compare", waiting)
    monkeypatch.setattr(client, "SECONDS", 0.2)
    monkeypatch.setattr(client, "WAITING", 600)  # the clock ends nothing here, however little of the processor we get

    assert client.compared("x*exp(x)", "exp(x)*x^2/x", X).equal


def test_a_helper_that_stands_still_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock ends it when the processor does not."""
    monkeypatch.setattr(server, "compare", lambda *_, **__: signal.pause())
    monkeypatch.setattr(client, "SECONDS", 0.05)

    assert client.compared("x", "x", X).verdict is Decision.UNDECIDED


def test_a_helper_that_somebody_killed_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked again in a fresh process, and the formula is judged, even when that is killed too."""
    killed = [tmp_path / "once", tmp_path / "twice"]

    def third(*words: Any, **more: Any) -> Comparison:
        for kill in killed:
            if not kill.exists():
                kill.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return compare(*words, **more)

    compare = server.compare
    monkeypatch.setattr(server, "compare", third)

    assert client.compared("x", "x", X).equal
    assert all(kill.exists() for kill in killed)


def test_a_helper_out_of_memory_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory beyond the limit ends the helper, not us."""
    with monkeypatch.context() as patch:
        patch.setattr(server, "compare", lambda *_, **__: bytearray(4 * server.MEMORY) and Comparison(Decision.PROVED))
        assert client.compared("x", "x", X).verdict is Decision.UNDECIDED
    assert client.compared("x", "x", X).equal


def test_it_keeps_no_descriptor_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of all that we have open it keeps only its socket."""

    def listed(*_: Any, **__: Any) -> Comparison:
        standard = [os.readlink(f"/proc/self/fd/{n}") for n in (0, 1, 2)]
        return Comparison(Decision.PROVED, notes=(*standard, *os.listdir("/dev/fd")))

    monkeypatch.setattr(server, "compare", listed)
    with open(tmp_path / "secret", "w") as secret:
        os.set_inheritable(secret.fileno(), True)
        notes = client.compared("x", "x", X).notes

    assert notes[:3] == ("/dev/null",) * 3
    assert len(notes[3:]) == 5  # three closed ones, the socket, and the listing itself


def test_a_fork_of_the_parent_gets_its_own() -> None:
    """A verifier that forks does not share its helper: both halves go on working."""
    client.compared("x", "x", X)
    first = client._child
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = 0 if client.compared("2x", "x+x", X).equal and client._child is not first else 1
            client.close()
        finally:
            os._exit(status)

    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert client.compared("x", "x", X).equal
    assert client._child is first


def test_it_does_not_outlive_its_parent() -> None:
    """When the parent is gone, however it went, so is the helper."""
    script = (
        "import os\n"
        "from grader.checking.symbolic import client\n"
        "fork = os.fork\n"
        "def noted():\n"
        "    pid = fork()\n"
        "    if pid: print(pid, flush=True)\n"
        "    return pid\n"
        "os.fork = noted\n"
        "client.compared('x', 'x', {'x': 'real'})\n"
        "os._exit(0)\n"
    )
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=path)
    try:
        handle = os.pidfd_open(int(done.stdout))
    except ProcessLookupError:
        return

    assert select.select([handle], [], [], 30)[0]
    os.close(handle)


def test_a_helper_that_breaks_is_replaced() -> None:
    """It gives no answer; the next request gets a helper that works."""
    assert client.ask({"do": "compare"}, client.SECONDS) is None  # it dies of a request that we never send
    assert client.compared("x", "x", X).equal
