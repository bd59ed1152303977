"""What may not cross, in both languages."""

from __future__ import annotations

import ast
import re

import pytest

from grader.phrases import phrase
from grader.records import Text
from grader.sandbox.refused import in_both
from tests.sample_course import ROOT


def refusals() -> list[str]:
    """What describe.py and wire.py call the values that they refuse, 7 in place of a limit or a name."""
    found = []
    for name in ("describe", "wire"):
        tree = ast.parse((ROOT / "grader" / "sandbox" / f"{name}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "WireError":
                pieces = node.args[0].values if isinstance(node.args[0], ast.JoinedStr) else [node.args[0]]
                found.append("".join(str(p.value) if isinstance(p, ast.Constant) else "7" for p in pieces))
    return [what for what in found if not what.startswith("a frame")]  # a broken one is forged, and told so


@pytest.mark.parametrize("what", [*dict.fromkeys(refusals()), "a value of type set"])
def test_whatever_is_refused_has_persian_words(what: str) -> None:
    """The sentence of a Persian page is Persian throughout, its numbers too; the English one stays as it was."""
    said = in_both(what)
    sentence = phrase("proxy.refused", what=said)

    assert said.en == what
    assert re.search("[\u0600-\u06ff]", said.fa)
    assert not re.search("[0-9]", said.fa)
    assert said.fa in sentence.fa
    assert said.en in sentence.en


def test_words_that_are_not_ours_stay_as_they_are() -> None:
    """A worker may send anything: more than the whole sentence is another one."""
    assert in_both("a generator of random numbers, sir") == Text("a generator of random numbers, sir")
    assert in_both("an array of dtype complex256").fa == "آرایه‌ای از نوع complex256"
