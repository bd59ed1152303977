"""Plots drawn in unusual ways are judged by what they show, not by how they were drawn."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

import pytest

from grader.checking.verifier import Verifier
from grader.records import Submission, Verdict
from tests.sample_course import ROOT

CURVES = """
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch.nn import functional as F

CURVES = {"relu": F.relu, "leaky_relu": lambda t: F.leaky_relu(t, 0.1), "elu": F.elu, "swish": F.silu, "mish": F.mish}

def value(name, x):
    return CURVES[name](torch.tensor(x)).numpy()

def slope(name, x):
    t = torch.tensor(x, requires_grad=True)
    CURVES[name](t).sum().backward()
    return t.grad.numpy()
"""
SLOPES = {
    "pyplot's open figure": """
        def plot_derivatives():
            x = np.linspace(-6, 6, 400)
            for name in CURVES:
                plt.plot(x, slope(name, x), label=name)
            plt.legend()
            plt.xlabel("x")
            plt.ylabel("slope")
            return plt.gcf()
        """,
    "shown, and nothing returned": """
        def plot_derivatives():
            x = np.linspace(-6, 6, 400)
            for name in CURVES:
                plt.plot(x, slope(name, x), label=name)
            plt.legend()
            plt.xlabel("x")
            plt.ylabel("slope")
            plt.show()
        """,
    "a figure without pyplot": """
        def plot_derivatives():
            figure = Figure()
            FigureCanvasAgg(figure)
            axes = figure.add_subplot()
            x = np.linspace(-6, 6, 400)
            for name in CURVES:
                axes.plot(x, slope(name, x), label=f"d {name} / dx")
            axes.set(xlabel="x", ylabel="slope", title="Slopes")
            figure.legend()
            return figure
        """,
    "names in the legend alone": """
        def plot_derivatives():
            figure, axes = plt.subplots()
            x = np.linspace(-6, 6, 400)
            axes.axhline(0, color="black", label="_nolegend_")
            axes.plot(x, np.stack([slope(name, x) for name in CURVES], axis=1))
            axes.legend(["ReLU'", "Leaky ReLU'", "ELU'", "Swish'", "Mish'"])
            axes.set_xlabel("x")
            axes.set_ylabel("f'(x)")
            plt.close(figure)
            return figure
        """,
    "handles and labels, and the axes for the figure": """
        def plot_derivatives():
            figure, axes = plt.subplots(figsize=(12, 3))
            x = np.sort(np.append(np.linspace(-6, 6, 600), 0.0))[::-1].copy()
            lines = [axes.plot(x, slope(name, x), "--")[0] for name in CURVES]
            axes.legend(handles=lines[::-1], labels=list(CURVES)[::-1], loc="upper left")
            figure.supxlabel("x")
            figure.supylabel("slope")
            return axes
        """,
}
BOTH = {
    "two figures of pyplot, shown": """
        def plot_swish_mish():
            x = np.linspace(-6, 6, 200)
            for number, name in enumerate(("swish", "mish")):
                plt.figure(number)
                plt.plot(x, value(name, x))
                plt.title(name.capitalize())
                plt.xlabel("x")
                plt.ylabel("f(x)")
            plt.show()

        def plot_derivs(n=101):
            x = np.linspace(-6, 6, n)
            plt.plot(x, slope("swish", x))
            plt.plot(x, slope("mish", x))
            return plt.gcf()
        """,
    "two panels that share their labels": """
        def plot_swish_mish():
            figure, (top, bottom) = plt.subplots(2, 1, sharex=True)
            x = np.linspace(-6, 6, 200)
            top.plot(x, value("swish", x))
            bottom.plot(x, value("mish", x))
            top.set(title="Swish (SiLU)", ylabel="f(x)")
            bottom.set(title="Mish", ylabel="f(x)", xlabel="x")
            return figure

        def plot_derivs(n=101):
            figure, panels = plt.subplots(1, 2)
            x = np.linspace(-6, 6, n)
            for panel, name in zip(panels, ("swish", "mish")):
                panel.plot(x, slope(name, x), label=name)
            return figure
        """,
    "names in the legend alone, over a cross of axes": """
        def plot_swish_mish():
            x = np.linspace(-6, 6, 200)
            plt.axhline(0, color="grey", linewidth=0.5, label="_nolegend_")
            plt.axvline(0, color="grey", linewidth=0.5, label="_nolegend_")
            plt.plot(x, value("mish", x), "r", x, value("swish", x), "b:")
            plt.legend(["Mish", "Swish"])
            plt.xlabel("input")
            plt.ylabel("output")
            return plt.gca()

        def plot_derivs(n=101):
            figure = Figure()
            x = np.linspace(-6, 6, n)
            axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
            axes.plot(x, slope("mish", x))
            axes.plot(x, slope("swish", x))
            return [figure]
        """,
    "a second pair of axes on the first": """
        def plot_swish_mish():
            figure, left = plt.subplots()
            right = left.twinx()
            x = np.linspace(-6, 6, 200)
            left.plot(x, value("swish", x), label="swish")
            right.plot(x, value("mish", x), "g", label="mish")
            left.set(xlabel="x", ylabel="swish")
            right.set_ylabel("mish")
            figure.legend()
            return figure

        def plot_derivs(n=101):
            figure, left = plt.subplots()
            right = left.twinx()
            x = np.linspace(-6, 6, n)
            left.plot(x, slope("swish", x))
            right.plot(x, slope("mish", x), "g")
            return figure
        """,
    "one label for all panels, and a list of axes": """
        def plot_swish_mish():
            figure, panels = plt.subplots(1, 2, sharey=True)
            x = np.linspace(-6, 6, 200)
            for panel, name in zip(panels, ("swish", "mish")):
                panel.plot(x, value(name, x), label=name)
                panel.legend()
            figure.supxlabel("x")
            figure.supylabel("f(x)")
            return list(panels)

        def plot_derivs(n=101):
            x = torch.linspace(-6, 6, n, dtype=torch.float64).numpy()
            plt.figure().subplots(1, 1).plot(x, np.c_[slope("swish", x), slope("mish", x)], ".-")
            plt.show()
        """,
}


@pytest.fixture(scope="module")
def judged() -> Iterator[Callable[[str, str, str], list[tuple[str, str]]]]:
    """`judged(assignment, question, code)`: what the plots of such a hand-in lose, checks and messages."""
    verifiers: dict[str, Verifier] = {}

    def grade(assignment: str, question: str, code: str) -> list[tuple[str, str]]:
        if assignment not in verifiers:
            verifiers[assignment] = Verifier(ROOT, assignment, trusted=True, questions=[question])
        module = f"{CURVES}\n{textwrap.dedent(code)}".encode()
        parts = {"hw1": ("q1d",), "hw3": ("q1a.plot", "q1b.plot")}[assignment]
        plots = [check for check in verifiers[assignment].checks if check.part in parts]
        files = {f"{question}.py": module}
        verdict = verifiers[assignment].grade(Submission("somebody", "", files), 0, only=plots)
        assert isinstance(verdict, Verdict), verdict
        assert len(verdict.findings) == len(plots) > 0
        return [(finding.check.id, finding.message.en) for finding in verdict.findings if finding.share != 1]

    yield grade
    for verifier in verifiers.values():
        verifier.close()


@pytest.mark.parametrize("way", SLOPES)
def test_five_slopes(judged: Callable[[str, str, str], list[tuple[str, str]]], way: str) -> None:
    """hw1's q1d earns everything, whichever way it was drawn."""
    assert judged("hw1", "q1_activation_functions", SLOPES[way]) == []


@pytest.mark.parametrize("way", BOTH)
def test_swish_and_mish(judged: Callable[[str, str, str], list[tuple[str, str]]], way: str) -> None:
    """hw3's q1a.plot and q1b.plot earn everything, whichever way they were drawn."""
    assert judged("hw3", "q1_swish_and_mish", BOTH[way]) == []
