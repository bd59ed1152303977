"""What may not cross, in both languages."""

from __future__ import annotations

import ast
import re

import pytest

from grader.errors import WireError
from grader.phrases import phrase
from grader.sandbox.refused import NotSerializable
from tests.sample_course import ROOT


def keys() -> list[str]:
    """By what describe.py and wire.py name the values that they refuse."""
    trees = [
        ast.parse((ROOT / "grader" / "sandbox" / f"{name}.py").read_text("utf-8")) for name in ("describe", "wire")
    ]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [ast.literal_eval(call.args[0]) for call in calls if ast.unparse(call.func) == "NotSerializable"]


@pytest.mark.parametrize("key", dict.fromkeys(keys()))
def test_whatever_is_refused_has_words_in_both_languages(key: str) -> None:
    """The sentence of a Persian page is Persian throughout, its numbers too; the error says the English one."""
    refused = NotSerializable(key, 7)
    sentence = phrase("proxy.refused", what=refused.text)

    assert isinstance(refused, WireError)
    assert str(refused) == refused.text.en
    assert re.search("[\u0600-\u06ff]", refused.text.fa)
    assert not re.search("[0-9]", refused.text.fa)
    assert refused.text.fa in sentence.fa
    assert refused.text.en in sentence.en


def test_a_name_stays_as_it_is() -> None:
    """Types are called the same in every language."""
    assert NotSerializable("array", "complex256").text.fa == "آرایه‌ای از نوع complex256"


def test_there_are_no_other_keys() -> None:
    """A worker may name anything: it is none of our sentences."""
    with pytest.raises(KeyError):
        _ = NotSerializable("held.more").text
