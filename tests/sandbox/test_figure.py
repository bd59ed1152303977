"""A figure becomes what a reader would see in it, and a picture that a page can carry."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot

from grader.sandbox import figure as figures
from grader.sandbox.describe import Handles, describe
from grader.sandbox.figure import PNG_LIMIT, SIDE_LIMIT, describe_figure, is_picture
from grader.sandbox.wire import Marked, pack
from tests.workers import OpenHandIn


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    """Figures are drawn into memory, and none is left open."""
    mpl.use("Agg")
    yield
    pyplot.close("all")


def sides(png: bytes) -> tuple[int, int]:
    assert is_picture(png)
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def test_what_is_drawn_is_told() -> None:
    """Titles, labels, scales, limits, legend and the points of every line."""
    figure, (left, right) = pyplot.subplots(1, 2)
    figure.suptitle("Both")
    left.plot([1, 2, 3], [0.5, 1.5, 2.5], label="loss")
    left.set(title="Loss", xlabel="epoch", ylabel="value", xscale="log", xlim=(1, 3))
    left.legend()
    right.bar([0, 1], [2, 3])
    right.axhline(1.0).set_visible(False)
    right.imshow(np.zeros((2, 2)))

    told = describe_figure(figure)
    one, two = told["axes"]

    assert told["title"] == "Both"
    assert (one["title"], one["xlabel"], one["ylabel"], one["xscale"]) == ("Loss", "epoch", "value", "log")
    assert (one["xlim"], one["legend"]) == ((1.0, 3.0), ["loss"])
    assert (one["lines"][0]["y"].tolist(), one["lines"][0]["label"]) == ([0.5, 1.5, 2.5], "loss")
    assert (two["legend"], two["bars"], two["images"], two["lines"][0]["visible"]) == (None, 2, 1, False)


def test_a_line_is_called_what_the_legend_calls_it() -> None:
    """Names given to the legend alone belong to the lines of their look; an own label stands, a doubtful one falls."""
    axes = pyplot.subplots()[1]
    axes.axhline(0, color="black", label="_nolegend_")
    axes.plot([1, 2], [[1, 3], [2, 4]])
    axes.legend(["one", "two"])
    twice = pyplot.subplots()[1]
    lines = [twice.plot([1, 2], color="red")[0] for _ in range(2)]
    twice.legend(lines, ["three", "four"])

    told = [[line["label"] for line in describe_figure(one.figure)["axes"][0]["lines"]] for one in (axes, twice)]

    assert told == [["_nolegend_", "one", "two"], ["_child0", "_child1"]]


def test_a_legend_of_the_figure_or_of_a_twin_is_each_one_s() -> None:
    """Wherever a reader finds the names, the axes have them."""
    figure, axes = pyplot.subplots(1, 2)
    for panel in axes:
        panel.plot([1, 2], label="loss")
    figure.legend()
    left = pyplot.subplots()[1]
    right = left.twinx()
    left.legend(left.plot([1, 2]) + right.plot([2, 1], "r"), ["loss", "rate"])

    assert [one["legend"] for one in describe_figure(figure)["axes"]] == [["loss", "loss"]] * 2
    told = describe_figure(left.figure)["axes"]
    assert [one["legend"] for one in told] == [["loss", "rate"]] * 2
    assert [one["lines"][0]["label"] for one in told] == ["loss", "rate"]


def test_panels_share_the_label_of_a_shared_axis() -> None:
    """The label below the lowest panel, or of the whole figure, is each panel's; unshared axes stay as they are."""
    figure, (_, bottom) = pyplot.subplots(2, 1, sharex=True)
    bottom.set(xlabel="x", ylabel="below")
    whole = pyplot.subplots(1, 2)[0]
    whole.supxlabel("epoch")

    assert [(one["xlabel"], one["ylabel"]) for one in describe_figure(figure)["axes"]] == [("x", ""), ("x", "below")]
    assert [(one["xlabel"], one["ylabel"]) for one in describe_figure(whole)["axes"]] == [("epoch", "")] * 2


def test_what_is_told_may_cross() -> None:
    """The description is the wire's plain data, a list of figures as well."""
    made = [pyplot.figure(), pyplot.subplots()[0]]

    assert all(isinstance(one, Marked) and one.tag == "figure" for one in describe(made, Handles()))
    pack(describe(made, Handles()))


def test_what_is_in_a_figure_stands_for_it() -> None:
    """Axes, lines and subfigures are handed over as the figure that they belong to."""
    whole = pyplot.figure()
    whole.suptitle("whole")
    part = whole.subfigures(1, 2)[0]
    axes = part.subplots()
    (line,) = axes.plot([1, 2])

    told = [describe(value, Handles()) for value in (whole, part, axes, line, pyplot.gca())]

    assert [(one.tag, one.payload["title"]) for one in told] == [("figure", "whole")] * 5


def test_all_that_subplots_gives_is_one_figure() -> None:
    """The figure with its axes, an array of axes, the lines of a plot; two figures stay two."""
    made = pyplot.subplots(2, 2)
    lines = made[1][0, 0].plot([1, 2], [[1, 2], [3, 4]])
    pair = [pyplot.figure(), made[0]]

    told = [describe(value, Handles()) for value in (made, made[1], lines, list(made[1][0]))]

    assert [(one.tag, len(one.payload["axes"])) for one in told] == [("figure", 4)] * 4
    assert [one.tag for one in describe(pair, Handles())] == ["figure", "figure"]
    assert [one.tag for one in describe([made[0]], Handles())] == ["figure"]
    assert describe([], Handles()) == []


@pytest.mark.parametrize("inches", [(6, 4), (100, 2), (3, 400)])
def test_a_picture_fits_on_a_page(inches: tuple[float, float]) -> None:
    """However large the paper, the picture has at most 2000 x 2000 pixels."""
    picture = describe_figure(pyplot.figure(figsize=inches))["png"]

    assert max(sides(picture)) <= SIDE_LIMIT


def test_a_picture_too_heavy_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the limit there is no picture, and the description stays."""
    figure, axes = pyplot.subplots(figsize=(8, 8))
    axes.imshow(np.random.default_rng(0).random((800, 800, 3)))
    whole = describe_figure(figure)["png"]
    assert len(whole) <= PNG_LIMIT

    monkeypatch.setattr(figures, "PNG_LIMIT", len(whole) - 1)
    told = describe_figure(figure)

    assert told["png"] == b""
    assert told["axes"][0]["images"] == 1


def test_who_asks_for_a_window_draws_all_the_same(hand_in: OpenHandIn) -> None:
    """A line for a laptop's screen costs nothing here, where there is none: not at the top of the file, nor later."""
    source = """
        import matplotlib
        matplotlib.use("TkAgg")
        import matplotlib.pyplot as plt

        def draw():
            plt.switch_backend("QtAgg")
            plt.plot([1, 2], [3, 5], label="loss")
    """

    (line,) = hand_in(source).proxy.draw().axes[0].lines

    assert (line.label, line.y.tolist()) == ("loss", [3, 5])
