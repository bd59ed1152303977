"""Figures of homework 1 that the course states, against its solutions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from grader.checking.symbolic.evaluate import floats
from grader.checking.symbolic.formula import parse
from grader.checking.symbolic.graph import Graph
from grader.course import find_course
from tests.course.facts import figures
from tests.sample_course import ROOT

HW1 = find_course(ROOT).assignment("hw1")
Q1 = HW1.question("q1")


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
