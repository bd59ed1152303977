"""A function of ours in a process that can be killed."""

from __future__ import annotations

from pathlib import Path

import pytest

import grader.sandbox.isolated_call
from grader.sandbox.isolated_call import Lost, isolated_call


def test_the_answer_comes_back() -> None:
    """A request goes in and the function's answer comes out, both as JSON."""
    request = {"stubs": {}, "notebooks": [("سلام.ipynb", "", "no")]}

    assert isolated_call("grader.notebooks:answer", request, 30)["سلام.ipynb"]["sources"] is None


@pytest.mark.parametrize(
    "child", ["while True: pass", "import os; os.abort()", "raise SystemExit(3)", "print('no JSON')", "pass"]
)
def test_a_child_without_an_answer_is_lost(child: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hang, a crash, an exit and nonsense are one fault to the caller, and it takes nothing with it."""
    monkeypatch.setattr(grader.sandbox.isolated_call, "_CHILD", child)

    with pytest.raises(Lost, match="gave no answer"):
        isolated_call("grader.notebooks:answer", {}, 0.5)


def test_memory_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request whose objects do not fit into the limit is lost, not swapped for."""
    smaller = "from grader.sandbox import isolated_call as our; our.MEMORY = 2**28; our._answer(sys.argv[2])"
    monkeypatch.setattr(
        grader.sandbox.isolated_call, "_CHILD", f"import sys; sys.path.insert(0, sys.argv[1]); {smaller}"
    )
    assert isolated_call("builtins:dict", {"x": 1}, 30) == {"x": 1}

    with pytest.raises(Lost, match="gave no answer"):
        isolated_call("builtins:dict", {"x": [[]] * 5_000_000}, 30)


def test_neither_the_environment_nor_the_folder_of_the_moment_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A json.py or sitecustomize.py that lies where the grader was started is not imported."""
    for name in ("json.py", "sitecustomize.py", "nbformat.py"):
        (tmp_path / name).write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    assert isolated_call("builtins:dict", {"x": 1}, 30) == {"x": 1}
