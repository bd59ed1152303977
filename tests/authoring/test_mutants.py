"""Mutants: small wrong changes are made everywhere in a solution, nowhere else, and who lets one through is named."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.authoring.mutants import explained, mutants
from grader.authoring.verify import try_mutants
from grader.checking.verifier import Verifier
from grader.cli import main
from grader.course import Question, find_course
from grader.errors import CourseError
from grader.records import Text

MODULE = '''"""A question with 1 + 1 in its statement."""

LEFT = 1 + 2


def part(x, axis=0):
    """q1a: a docstring with a - b."""
    # BEGIN SOLUTION
    {body}
    # END SOLUTION


def train(net, X, y, seed):
    """q1b: trained."""
    # BEGIN SOLUTION
    return step_of(X) + 1
    # END SOLUTION


# BEGIN SOLUTION
def step_of(x):
    return x - 1
# END SOLUTION
'''

CHANGES = {
    "return a - b": {("a - b", "(a + b)"), ("a - b", "a")},
    "return -a": {("-a", "a")},
    "a += b": {("a += b", "a -= b"), ("a += b", "a = b")},
    "return a * b": {("a * b", "(a / b)"), ("a * b", "a"), ("a * b", "b")},
    "return a @ b": {("a @ b", "(b @ a)")},
    "return a.T": {("a.T", "a")},
    "return a.transpose(b, c)": {("a.transpose(b, c)", "a")},
    "return np.swapaxes(a, b, c)": {("np.swapaxes(a, b, c)", "a")},
    "return a.mean()": {("a.mean", "a.sum")},
    "return max(a, b)": {("max(a, b)", "min(a, b)")},
    "return a.mean(axis=-1)": {("a.mean", "a.sum"), ("axis=-1", "axis=0"), ("-1", "1"), ("1", "2"), ("1", "0")},
    "return a < b": {("a < b", "(a <= b)")},
    "return a and not b": {("a and not b", "(a or not b)"), ("not b", "b")},
    "return a[1:]": {("1", "2"), ("1", "0")},
    "return True": {("True", "False")},
    "return 'x*s - exp(-x)'": {("'x*s - exp(-x)'", "'x*s + exp(-x)'")},
    "return 'well-known words'": set(),
}


def question(folder: Path, body: str) -> Question:
    path = folder / "q1_made.py"
    path.write_text(MODULE.replace("{body}", body), encoding="utf-8")
    return Question("q1_made", Text("Made"), path, path, folder / "q1_made.fa.toml", {})


@pytest.mark.parametrize("body", CHANGES)
def test_each_slip_is_tried(tmp_path: Path, body: str) -> None:
    """Signs, terms, axes, numbers, transposes, reductions, comparisons; statements, docstrings and trainings stay."""
    made = list(mutants(question(tmp_path, body), frozenset({"q1b"})))

    assert {(m.was, m.now) for m in made} == CHANGES[body]
    assert all(ast.parse(m.module) for m in made)


def test_what_other_parts_use_is_tried_too(tmp_path: Path) -> None:
    """A helper that a judged part calls is its own; one that trainings alone call is theirs."""
    made = {m.was for m in mutants(question(tmp_path, "return step_of(x)"), frozenset({"q1b"}))}

    assert "x - 1" in made
    assert "x - 1" not in {m.was for m in mutants(question(tmp_path, "return x"), frozenset({"q1b"}))}


def test_what_is_no_mistake_can_be_said(tmp_path: Path) -> None:
    """`[[equivalent]]` tables beside the question give a reason; one without is refused."""
    made = question(tmp_path, "return a - b")
    told = made.source.with_suffix(".mutants.toml")

    row = '[[equivalent]]\nplace = "return a - b"\nwas = "a - b"\nnow = "a"\n'

    assert explained(made) == {}
    told.write_text(row + 'why = "b is 0"\n', encoding="utf-8")
    assert explained(made) == {("return a - b", "a - b", "a"): "b is 0"}
    told.write_text(row, encoding="utf-8")
    with pytest.raises(CourseError, match="'why' is missing"):
        explained(made)


def test_who_lets_a_mutant_through_is_named(verifier: Verifier, course_folder: Path) -> None:
    """The sample's checks notice every mutant; a check that notices none is told so, and the status is 1."""
    hw1 = find_course(course_folder).assignment("hw1")
    trials = list(try_mutants(list(hw1.questions), verifier))
    assert [trial.why[:9] for trial in trials if not trial.noticed] == ["The means"]

    checks = hw1.question("q2").checks
    blind = re.sub(r"(?m)^    assert .*$", "    assert submission", checks.read_text(encoding="utf-8"))
    checks.write_text(blind, encoding="utf-8")
    told = CliRunner().invoke(main, ["verify", "q2_table", "--mutants", "--course", str(course_folder)])

    assert told.exit_code == 1
    assert "nobody notices q2_table.py:" in told.stdout
    assert "mutants noticed (0.0%); 0 are no mistakes" in told.stdout
