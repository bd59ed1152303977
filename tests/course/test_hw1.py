"""Facts of homework 1: its points, its figures, its languages, and that guessing in its form does not pay."""

from __future__ import annotations

import random
import runpy
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from grader.authoring.worth import part_points
from grader.checking.bench import variants_of
from grader.checking.evaluate import floats
from grader.checking.formula import parse
from grader.checking.graph import Graph
from grader.checking.ledger import opened
from grader.checking.marks import marks_of
from grader.checking.verifier import Verifier
from grader.course import find_course
from tests.course.facts import STUDENTS_HAVE, different_variants, examples, figures, imported, in_both_languages, lost
from tests.sample_course import ROOT

HW1 = find_course(ROOT).assignment("hw1")
Q1 = HW1.question("q1")
WORTH = part_points(HW1)
Q1_POINTS = (
    "q1a 4, q1b 4, q1c.relu 2, q1c.leaky 2, q1c.elu 3, q1c.swish 4, q1c.mish 5, q1c.code 6, q1d 6, "
    "q1a.essay 4, q1b.essay 3"
)


def test_each_part_of_q1_is_worth_what_the_course_says() -> None:
    """36 points by machine and 7 by hand; an essay's companion carries its checkable claim."""
    said = {part: float(worth) for part, worth in map(str.split, Q1_POINTS.split(", "))}

    assert {part: float(points) for part, points in WORTH.items() if part.startswith("q1")} == said
    assert {essay.part: essay.companion for essay in HW1.essays if essay.question == Q1.id} == {
        "q1a.essay": "q1a",
        "q1b.essay": "q1b",
    }


def test_the_figures_of_q1b() -> None:
    """The lowest points of Swish and Mish, and their slopes at 0."""
    assert figures(Q1, "{key: round(value, 10) for key, value in swish_mish_facts().items()}") == {
        "swish_argmin": -1.2784645428,
        "swish_min": -0.2784645428,
        "mish_argmin": -1.1924312145,
        "mish_min": -0.3088434130,
        "swish_slope0": 0.5,
        "mish_slope0": 0.6,
    }


@pytest.mark.parametrize(
    ("name", "slopes"),
    [
        ("swish", {1: 0.9276705119, -1: 0.0723294881, 2.3993572805: 1.0998393201, -2.3993572805: -0.0998393201}),
        ("mish", {1: 1.0490362201, -1: 0.0592167559, 1.4905711795: 1.0884981612, -2.2563763964: -0.1125261224}),
    ],
)
def test_the_figures_of_the_slopes(name: str, slopes: dict[float, float]) -> None:
    """Slopes at 1 and -1, and the largest and the smallest slope, where they are."""
    assert figures(Q1, f"act_grad({name!r}, np.array({list(slopes)})).tolist()") == pytest.approx(
        list(slopes.values()), abs=1e-9
    )


@pytest.mark.parametrize(
    ("pair", "curve", "parameters"),
    [
        ("relu_pair", functional.relu, {}),
        *(("leaky_pair", functional.leaky_relu, {"k": k}) for k in (0.01, 0.1, 0.3, 0.7)),
        *(("elu_pair", functional.elu, {"alpha": alpha}) for alpha in (0.5, 1.0, 1.3, 2.0)),
        ("swish_pair", functional.silu, {}),
        ("mish_pair", functional.mish, {}),
    ],
)
def test_the_formulas_are_torch_s_functions(pair: str, curve: Any, parameters: dict[str, float]) -> None:
    """Function and slope agree with torch and its differentiation, so what the checks compare with does, too."""
    x = np.concatenate([np.random.default_rng(0).uniform(-8, 8, 200), [-30, -5, 5, 30]])
    tensor = torch.tensor(x, requires_grad=True)
    right = curve(tensor, *parameters.values())
    right.sum().backward()
    columns = {name: np.full(x.size, value) for name, value in parameters.items()} | {"x": x}
    texts = figures(Q1, f"{pair}()")
    graph = Graph()
    roots = [parse(texts[key], graph, dict.fromkeys(columns, "real")).root for key in ("f", "df")]  # type: ignore[index]

    for ours, theirs in zip(floats(graph, roots, columns), (right.detach(), tensor.grad), strict=True):
        assert np.allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def earned(table: object) -> float:
    """The share of q1a that a table of facts earns."""
    checks = [c for c in runpy.run_path(str(Q1.checks)).values() if callable(c) and marks_of(c).part == "q1a"]
    total = 0.0
    for check in checks:
        with opened() as ledger, suppress(AssertionError):
            check(SimpleNamespace(activation_table=lambda: table))
            total += float(ledger.share * marks_of(check).points)  # type: ignore[operator]
    return total / float(WORTH["q1a"])


@pytest.mark.parametrize("cells", [(True,), (False,), (True, False)], ids=["all true", "all false", "random"])
def test_guessing_in_the_table_of_facts_does_not_pay(cells: tuple[bool, ...]) -> None:
    """Fillings without knowledge earn under 20 % in the mean, their words drawn or left open."""
    chance = random.Random(0)
    asked = ("needs_exp", "dead_negative_gradient", "saturates_negative", "saturates_positive")
    for words in (["zero", "linear", "exponential", "logarithmic"], [...]):
        tables = [
            {
                name: {key: chance.choice(cells) for key in asked} | {"negative_branch": chance.choice(words)}
                for name in ("relu", "leaky_relu", "elu")
            }
            for _ in range(100)
        ]

        assert np.mean([earned(table) for table in tables]) < 0.2


def test_every_sentence_of_q1_is_in_both_languages() -> None:
    """The Persian file has exactly the keys that the checks use."""
    in_both_languages(Q1)


def test_the_stub_of_q1_needs_only_what_students_have() -> None:
    """No stub imports the grader."""
    assert imported(ROOT / "exercises" / "hw1" / f"{Q1.id}.py") <= STUDENTS_HAVE


@pytest.mark.parametrize(("folder", "state"), [("solutions", "ok"), ("exercises", "not written yet")])
def test_examples_of_q1_hold_for_the_solution_and_are_open_in_the_stub(folder: str, state: str) -> None:
    """Every public check is right for a right answer, and none before anything is written."""
    rows = examples([ROOT / folder / "hw1" / f"{Q1.id}.py"])

    assert len(rows) == 9
    assert [row for row in rows if row[2] != state] == []


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    """The verifier of q1."""
    started = Verifier(ROOT, "hw1", trusted=True, questions=[Q1.id])
    yield started
    started.close()


@pytest.mark.parametrize("variant", range(variants_of(Q1)))
def test_every_variant_of_q1_can_be_solved(verifier: Verifier, variant: int) -> None:
    """Other numbers are the same exercise: the solution with each variant's numbers earns everything under it."""
    assert lost(verifier, [Q1], variant) == []


def test_there_are_enough_variants_of_q1() -> None:
    """The source's own numbers and at least three more, all different."""
    assert different_variants(Q1) == variants_of(Q1) >= 4
