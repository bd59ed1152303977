"""The one place where report and feedback draw with matplotlib: charts as inline SVG in the page's own colours.

A chart's colours are names, not values: each becomes a CSS class, so that one drawing is right in light, dark and
print, and nothing in it needs a style that the page's content policy would have to allow.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from statistics import mean
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup

from grader.pages.text import number

# Stand-in colours while matplotlib draws; `_inline` turns each into the class beside it.
INKS = {"#010101": "ink", "#020202": "faint", "#030303": "grid", "#040404": "main", "#050505": "second"}
INK, FAINT, GRID, MAIN, SECOND = INKS
DASHES = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (5, 2, 1, 2)), (0, (9, 2)))  # seeds differ by dash, not by colour alone
MOST_NUMBERS = 12  # classes of a confusion matrix whose cells have room for a number
WIDTH = 5.2  # inches of 72 px: on a telephone, 350 px wide, a chart's words are nearly as large as drawn
MOST_POINTS = 400  # a chart is at most 544 px wide: more points are not seen
STYLE: Any = {
    "svg.fonttype": "none",  # text stays text: the page's font, Persian shaping, screen readers
    "font.size": 10.5,
    "axes.edgecolor": GRID,
    "axes.labelcolor": INK,
    "xtick.color": GRID,
    "ytick.color": GRID,
    "xtick.labelcolor": FAINT,
    "ytick.labelcolor": FAINT,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign is a dollar sign
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GRID,
    "axes.axisbelow": True,
    "legend.frameon": False,
}
SVG = "http://www.w3.org/2000/svg"
XLINK = "{http://www.w3.org/1999/xlink}"
UNWANTED = {f"{{{SVG}}}metadata", f"{{{SVG}}}style"}  # the first has a date, the second would style the whole page
DROPPED = {"font-family", "font"}  # the page's own font is used


@dataclass(frozen=True)
class Labels:
    """What is written on a chart: its name, which its ids begin with, a title for who cannot see it, and its axes."""

    name: str
    title: str
    lang: str
    x: str
    y: str = ""


def training_curves(curves: Sequence[tuple[str, Sequence[float]]], labels: Labels) -> Markup:
    """Losses over the epochs, one line a training. curves: (label, losses); values that are not finite leave a gap."""

    def draw(axes: Any) -> None:
        for number_, (label, losses) in enumerate(curves):
            steps, values = thinned(losses)
            marker = "o" if len(values) <= 20 else ""  # few epochs: show each; a single one would be no line at all
            dash = DASHES[number_ % len(DASHES)]
            axes.plot(steps, values, color=MAIN, lw=1.8, linestyle=dash, marker=marker, markersize=3.5, label=label)
        axes.grid(axis="y")
        axes.xaxis.get_major_locator().set_params(integer=True)
        if len(curves) > 1:
            axes.legend(loc="upper right")

    return _chart(draw, labels, height=2.7)


def confusion_matrix(counts: Sequence[Sequence[int]], labels: Labels) -> Markup:
    """Right classes down, named ones across, each row shaded by its shares; numbers where they can be read."""

    def draw(axes: Any) -> None:
        from matplotlib.patches import Rectangle

        k = len(counts)
        for row, line in enumerate(counts):
            for column, count in enumerate(line):
                share = count / (sum(line) or 1)
                axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=MAIN, alpha=0.75 * share, lw=0))
                if count and k <= MOST_NUMBERS:
                    axes.text(
                        column, row, number(count, labels.lang), ha="center", va="center", fontsize=8.5, color=INK
                    )
        axes.set_xlim(-0.5, k - 0.5)
        axes.set_ylim(k - 0.5, -0.5)
        axes.set_aspect("equal")
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_major_locator().set_params(integer=True, steps=[1])

    return _chart(draw, labels, height=4.2)


def distribution(scores: Sequence[float], most: float, mark: str, labels: Labels) -> Markup:
    """How many students have which score: twenty equal bars from 0 to `most`, and a line at the mean, named `mark`."""

    def draw(axes: Any) -> None:
        width = (most or 1) / 20
        counts = [0] * 20
        for score in scores:
            counts[min(19, max(0, int(score / width)))] += 1
        axes.bar([width * (i + 0.5) for i in range(20)], counts, width=width * 0.9, color=MAIN)
        axes.axvline(mean(scores), color=SECOND, lw=1.6, linestyle=(0, (4, 2)))
        axes.annotate(
            mark, (mean(scores), 1), xycoords=("data", "axes fraction"), xytext=(4, -2),
            textcoords="offset points", va="top", color=INK,
        )  # fmt: skip
        axes.margins(y=0.15)  # room for the mean's word above the highest bar
        axes.set_xlim(0, most or 1)
        axes.grid(axis="y")
        axes.yaxis.get_major_locator().set_params(integer=True)

    return _chart(draw, labels, height=2.9)


def accuracies(parts: Mapping[str, Sequence[tuple[float, float | None]]], labels: Labels) -> Markup:
    """Every training's accuracy, one row a part, with a tick at the bar. parts: label -> (accuracy, bar or None)."""

    def draw(axes: Any) -> None:
        for row, pairs in enumerate(parts.values()):
            spread = [row + 0.24 * math.sin(2.4 * i) for i in range(len(pairs))]  # golden angle: dots do not pile up
            axes.scatter([a for a, _ in pairs], spread, s=14, color=MAIN, linewidths=0)
            for bar in sorted({b for _, b in pairs if b is not None}):
                axes.plot([bar, bar], [row - 0.38, row + 0.38], color=SECOND, lw=2)
        axes.set_yticks(range(len(parts)), list(parts))
        axes.set_ylim(len(parts) - 0.5, -0.5)
        axes.set_xlim(-0.02, 1.02)  # a dot at either end is whole
        axes.grid(axis="x")

    return _chart(draw, labels, height=0.9 + 0.5 * len(parts))


def thinned(losses: Sequence[Any]) -> tuple[list[int], list[float]]:
    """At most MOST_POINTS of the losses and their steps from 1; what is no finite number becomes NaN, a gap."""
    stride = max(1, math.ceil(len(losses) / MOST_POINTS))
    steps = list(range(0, len(losses), stride))
    return [s + 1 for s in steps], [_finite(losses[s]) for s in steps]


def drawable(losses: Sequence[Any]) -> bool:
    """Whether there is anything to draw: at least one finite number."""
    return any(not math.isnan(_finite(loss)) for loss in losses)


def _finite(value: Any) -> float:
    drawn = type(value) in (int, float) and abs(value) < 1e30  # beyond it axes overflow; NaN is no less
    return float(value) if drawn else math.nan


def prepare() -> None:
    """Import matplotlib ahead of the first chart: it takes half a second."""
    import matplotlib.figure  # noqa: F401


def _chart(draw: Callable[[Any], None], labels: Labels, height: float) -> Markup:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    written = StringIO()
    with rc_context({**STYLE, "svg.hashsalt": labels.name}):  # the salt: same input, same ids
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        axes = figure.subplots()
        if labels.lang == "fa":
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_formatter(lambda value, _: number(value, "fa", digits=4))
        draw(axes)  # after it: where ticks have names, these stand
        axes.set_xlabel(labels.x)
        axes.set_ylabel(labels.y)
        axes.tick_params(length=3)
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(written, format="svg", metadata=nothing)
    return _inline(written.getvalue(), labels)


def _inline(text: str, labels: Labels) -> Markup:
    """matplotlib's SVG file as an element of a page: styles become attributes and classes, ids get the chart's name."""
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(text[text.index("<svg") :])
    used = set(re.findall(r'(?:url\(|href=")#([\w.-]+)', text))
    for element in list(root.iter()):
        for child in [c for c in element if c.tag in UNWANTED]:
            element.remove(child)
        _restyle(element)
        attributes = {key.removeprefix(XLINK): value for key, value in element.attrib.items()}
        if attributes.get("id") not in used:
            attributes.pop("id", None)
        element.attrib.clear()
        element.attrib |= {
            key: _renamed(key, value, labels.name) for key, value in attributes.items() if key not in DROPPED
        }
    frame = {"class": "chart", "role": "img", "aria-label": labels.title, "stroke-linejoin": "round"}
    root.attrib = {"viewBox": root.attrib["viewBox"], **frame}
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _renamed(key: str, value: str, name: str) -> str:
    """Ids and what points to them, with the chart's name before them: a page holds many charts."""
    if key == "id":
        return f"{name}-{value}"
    return value.replace("#", f"#{name}-", 1) if key == "href" or value.startswith("url(#") else value


def _restyle(element: ElementTree.Element) -> None:
    """`style="fill: #040404"` becomes `class="fill-main"`; every other declaration becomes an attribute of its own."""
    classes = []
    declarations = [d.split(":", 1) for d in element.attrib.pop("style", "").split(";") if ":" in d]
    for key, value in [(k.strip(), v.strip()) for k, v in declarations]:
        if value in INKS:
            classes.append(f"{key}-{INKS[value]}")
        elif key == "font":
            element.set("font-size", value.split("px")[0].split()[-1])  # the family is the page's
        else:
            element.set(key, value)
    if classes:
        element.set("class", " ".join(classes))
