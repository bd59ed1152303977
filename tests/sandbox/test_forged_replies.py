"""Replies that student code writes itself: data at best, never a score, never a fault of ours, never a control code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from grader.sandbox.faults import Crashed, Refused, Unwritten
from grader.sandbox.wire import Marked
from tests.frames import SAYING
from tests.workers import HandIn, OpenHandIn

REPLIES = """
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

def tells(count):
    for number in range(count):
        say(d(told=d(step=number, loss=0.5)))
    return 3

def tells_of_another_form(kind):
    say({
        "a long line": d(told=d(line="x" * 301)),
        "no dict": d(told="x"),
        "an array": d(told=d(line=["a", "u1", ["l", [3]][1], 0])),
        "more beside it": d(told=d(line="x"), beside="x" * 999),
        "more within it": d(told=d(line="x", within="x" * 999)),
    }[kind], *[b"xxx"] if kind == "an array" else [])
    return 3

def refused():
    reply(d(refused=["l", ["array", "a \\u202eset" * 99]]))

def foreign():
    reply(d(refused=["l", ["type", "a \\u202eset" * 99]]))

def larger_than_any_limit():
    reply(d(refused=["l", ["values", ["i", (-1 << 4000).to_bytes(513, "big", signed=True)]]]))

def for_no_reason_of_ours():
    reply(d(refused=["l", ["../page.feedback", 3]]))
"""
FORGING = SAYING + REPLIES


def test_a_reply_in_our_own_words_is_only_data(hand_in: OpenHandIn) -> None:
    """Student code may write its own reply, for the wire carries answers and never scores: it gains nothing."""
    student = hand_in(FORGING)

    assert student.proxy.answer(3) == 3
    with pytest.raises(Crashed):
        student.proxy.answer(4)


@pytest.mark.parametrize(
    "name",
    ["endless_shape", "no_layers", "no_table", "figure", "odd_mark", "no_value", "no_dict", "for_no_reason_of_ours"],
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


def trained(student: HandIn, name: str, argument: Any, heard: Callable[[Any], None]) -> Any:
    how = {"limit": 30, "seconds": 30, "threads": 1, "seed": 0, "device": ("cpu", 0)}
    return student.line.train(Marked("name", name), (argument,), {}, **how, heard=heard)  # type: ignore[arg-type]


def test_a_training_may_say_how_it_goes(hand_in: OpenHandIn) -> None:
    """What it tells is heard in its order, and then the numbers of its answer are."""
    told: list[Any] = []

    assert trained(hand_in(FORGING), "tells", 10, told.append) == [3.0]
    assert [one["step"] for one in told] == list(range(10))


def test_a_flood_of_what_is_told_is_dammed(hand_in: OpenHandIn) -> None:
    """Who tells more than a worker would is stopped at once, not at the deadline, and has forged it."""
    told: list[Any] = []

    with pytest.raises(Refused, match="wrote to the grader's own connection"):
        trained(hand_in(FORGING), "tells", 100_000, told.append)
    assert len(told) < 150  # twenty, and four a second of the thirty that there were


@pytest.mark.parametrize("kind", ["a long line", "no dict", "an array", "more beside it", "more within it"])
def test_what_is_told_has_one_form(hand_in: OpenHandIn, kind: str) -> None:
    """A step and its loss, or a short line: nobody hears a mebibyte, twenty times."""
    told: list[Any] = []

    with pytest.raises(Refused, match="wrote to the grader's own connection"):
        trained(hand_in(FORGING), "tells_of_another_form", kind, told.append)
    assert told == []


def test_text_of_strangers_is_one_printable_line(hand_in: OpenHandIn) -> None:
    """No control character, no change of direction and no flood reaches a terminal or a page through a message."""
    for name, words in (
        ("raised", ("\x1b[31mE" * 99, "a\nb\x07\u202e" * 999, 1 << 62)),
        ("missing", ()),
        ("refused", ()),
        ("foreign", ()),
        ("larger_than_any_limit", ()),
    ):
        with pytest.raises((Crashed, Refused, Unwritten)) as fault:
            getattr(hand_in(FORGING).proxy, name)(*words)
        for text in (fault.value.text.en, fault.value.text.fa.replace("\u200c", "")):
            assert text.isprintable()
            assert len(text) < 600
