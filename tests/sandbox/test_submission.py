"""The proxy: calls, what they tell under `watch`, what goes in and comes back, and what a fault says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader import inside
from grader.checking.check_context import WRAP
from grader.sandbox.arguments import tensor
from grader.sandbox.faults import Crashed, Refused, Unwritten
from grader.sandbox.submission import Line, OwnResponder, Proxy, watch
from grader.sandbox.worker import import_file
from tests.workers import OpenHandIn

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

    with pytest.raises(Crashed, match=r"^Your code raised Odd \(q1\.py:\d+\)$"):
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


DRAWS = """
from matplotlib import pyplot
pyplot.plot([0, 1])

def draws(times):
    for number in range(times):
        pyplot.figure(number)
        pyplot.plot([1, 2])
        pyplot.plot([2, 3])

def raises():
    pyplot.plot([1, 2])
    raise ValueError("too late")
"""


def test_what_pyplot_shows_is_the_answer_of_who_returns_nothing(hand_in: OpenHandIn) -> None:
    """One open figure is the answer, several are a list; the next call finds none of them, nor what an import drew."""
    student = hand_in(DRAWS).proxy

    for _ in range(2):
        assert [len(axes.lines) for axes in student.draws(1).axes] == [2]
    assert [len(figure.axes[0].lines) for figure in student.draws(2)] == [2, 2]
    assert student.draws(0) is None
    with pytest.raises(Crashed, match="too late"):
        student.raises()
    assert student.draws(0) is None


def test_who_calls_what_is_not_written_is_told_its_name(hand_in: OpenHandIn) -> None:
    """An answer made of other parts names the one that is still open: it is written itself."""
    student = hand_in(
        """
        class Net:
            def head(self):
                raise NotImplementedError("q1c: not written yet")

        def total():
            return sum(part() for part in (count,))

        def count():
            raise NotImplementedError("q1a: not written yet")

        def net():
            return Net().head()
        """
    ).proxy

    with pytest.raises(Unwritten, match="It calls count, which is not written yet"):
        student.total()
    with pytest.raises(Unwritten, match=r"It calls Net\.head, which"):
        student.net()
    with pytest.raises(Unwritten, match="Not written yet"):
        student.count()


def test_what_is_not_there_is_unwritten(hand_in: OpenHandIn) -> None:
    """A function that was removed is unwritten, and named; so is one of a class."""
    student = hand_in(RAISING).proxy

    with pytest.raises(Unwritten, match=r"no removed in q1\.py"):
        student.removed()
    with pytest.raises(Unwritten, match=r"no Net\.backward in q1\.py"):
        student.Net.backward()
    assert student.plain == 3


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


def test_watch_tells_of_arguments_that_were_handed_in_by_name(hand_in: OpenHandIn) -> None:
    """An argument by name that was changed in place is told by its name."""
    student = hand_in(WATCHED).proxy

    with watch() as seen:
        student.changes(np.zeros(2), numbers=[1, 2], nested={"x": np.zeros(2)}, tensor=tensor([0.0]), kept=[])

    assert seen.modified == [0, "numbers", "nested", "tensor"]


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
    student = hand_in(WATCHED).proxy
    first = student.rolled()

    assert student.rolled() == first
    assert hand_in(WATCHED).proxy.rolled() == first


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
    assert fault.value.text.en == "Calling your code, or using what it returned, raised ValueError: our own mistake"


@inside
def layers_of(net: Any) -> int:
    return len(list(net.modules()))


def test_who_returns_nothing_reads_so_where_ours_needs_it(hand_in: OpenHandIn) -> None:
    """None has no layers: what helps is the word `return`, and not Python's sentence about our own code."""
    student = hand_in("def build():\n    net = 3\n\ndef use():\n    return None.modules()").proxy

    with pytest.raises(Refused, match="is there a `return`") as fault:
        student(layers_of, student.build())
    assert "no attribute 'modules'" in fault.value.detail
    with pytest.raises(Crashed, match="AttributeError"):
        student.use()


def test_the_solutions_desk_raises_as_a_students_does(tmp_path: Path) -> None:
    """The solution is asked by the same calls; when it fails on a student's numbers, nothing of it is shown."""
    path = tmp_path / "q1.py"
    path.write_text("GIVEN = {'a': 6}\ndef f(x): return GIVEN['a'] / x\ndef g(): return {1}")
    proxy = Proxy(Line(OwnResponder(import_file(path)), 5.0, WRAP))

    assert proxy.f(2) == 3.0
    for call in (lambda: proxy.f(0), lambda: proxy.g()):
        with pytest.raises((Crashed, Refused)) as fault:
            call()
        assert fault.value.text.en == "Your answer has another form than was asked."
        assert "solution" in fault.value.detail
