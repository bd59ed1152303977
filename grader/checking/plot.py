"""A figure of the student's as data: checks are plain asserts on it, the PNG goes to the feedback page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checking import ledger
from grader.errors import WireError
from grader.sandbox.figure import is_picture

PICTURES_LIMIT = 2 << 20  # bytes that one check keeps: more is a page that nobody can open
PICTURES_OF_ALL = 16 << 20  # bytes that all checks of a hand-in keep, each on disk in three places


@dataclass(frozen=True)
class Line:
    """One plotted line: x and y are float64 arrays of the same length."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    label: str
    visible: bool


@dataclass(frozen=True)
class Axes:
    """One pair of axes. `legend`: its texts, or None without a legend."""

    title: str
    xlabel: str
    ylabel: str
    xscale: str
    yscale: str
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    legend: list[str] | None
    images: int
    bars: int
    lines: list[Line]


@dataclass(frozen=True)
class Figure:
    """A whole figure."""

    title: str
    axes: list[Axes]
    png: bytes


def receive_figure(payload: Any, line: Any) -> Figure:
    """A figure from the wire; its picture is kept for the feedback page of the check that is running."""
    try:
        axes = [Axes(**{**one, "lines": [Line(**each) for each in one["lines"]]}) for one in payload["axes"]]
        picture = payload["png"]
        figure = Figure(payload["title"], axes, picture if is_picture(picture) else b"")
    except (TypeError, KeyError, AttributeError) as fault:
        raise WireError("a figure of another form") from fault
    kept = ledger.current().figures
    if figure.png and sum(len(png) for _, png in kept) + len(figure.png) <= PICTURES_LIMIT:
        kept.append((f"figure-{len(kept) + 1}.png", figure.png))
    return figure
