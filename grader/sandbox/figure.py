"""A matplotlib figure as data: axes, lines, labels, legends, and one PNG for the feedback page."""

from __future__ import annotations

import contextlib
import functools
import sys
from io import BytesIO
from typing import Any

import numpy as np

SIDE_LIMIT = 2000  # pixels: the feedback page embeds the picture as it is
PNG_LIMIT = 1 << 20  # bytes
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"  # the signature and the first chunk's head: width and height follow


def draw_without_windows(pyplot: Any) -> None:
    """From now on who asks for a window, as on a laptop, goes on drawing into memory: there is no screen to open it on.

    `matplotlib.use("TkAgg")` at the top of a file would be the end of all that stands below.
    """
    switch = pyplot.switch_backend

    @functools.wraps(switch)
    def if_it_can_be(newbackend: str) -> None:
        with contextlib.suppress(ImportError):
            switch(newbackend)

    pyplot.switch_backend = if_it_can_be


def shown() -> Any:
    """What pyplot would show: its open figure, the list of its open figures, or None."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    figures = [] if pyplot is None else [pyplot.figure(number) for number in pyplot.get_fignums()]
    return figures if len(figures) > 1 else figures[0] if figures else None


def close_all() -> None:
    """Close pyplot's figures, or the next call would draw into them."""
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


def describe_figure(figure: Any) -> dict[str, Any]:
    """Axes with title, labels, scales, limits, legend texts, and every line's x, y (float64) and label.

    Labels and legends are a reader's: panels that share an axis share its label, a figure's legend is that of each of
    its axes, and a line without a label of its own is called what the legend calls a line of its look.
    """
    title = str(figure.get_suptitle())
    return {"axes": [_axes(axes) for axes in figure.axes], "title": title, "png": _png(figure)}


def _axes(axes: Any) -> dict[str, Any]:
    legends = _legends(axes)
    names = _names(legends)
    return {
        "title": str(axes.get_title()),
        "xlabel": _label(axes, "x"),
        "ylabel": _label(axes, "y"),
        "xscale": str(axes.get_xscale()),
        "yscale": str(axes.get_yscale()),
        "xlim": tuple(float(side) for side in axes.get_xlim()),
        "ylim": tuple(float(side) for side in axes.get_ylim()),
        "legend": [str(text.get_text()) for legend in legends for text in legend.get_texts()] if legends else None,
        "images": len(axes.images),
        "bars": len(axes.patches),
        "lines": [_line(line, names) for line in axes.lines],
    }


def _label(axes: Any, side: str) -> str:
    """The axes' own label, else one of those that share the axis, else the whole figure's."""
    figure = axes.get_figure()
    sharing = getattr(axes, f"get_shared_{side}_axes")()
    several = [axes, *(other for other in figure.axes if sharing.joined(axes, other))]
    labels = [getattr(one, f"get_{side}label")() for one in several] + [getattr(figure, f"get_sup{side}label")()]
    return next((str(label) for label in labels if label.strip()), "")


def _legends(axes: Any) -> list[Any]:
    """The legends that stand in the axes, or in others at the same place (a twin), else those of the figure."""
    figure, place = axes.get_figure(), axes.get_position().bounds
    here = [other.get_legend() for other in figure.axes if other.get_position().bounds == place]
    return [legend for legend in here if legend is not None] or list(figure.legends)


def _names(legends: list[Any]) -> dict[tuple[str, ...], str]:
    """What the legends call a line, by its look; "" for a look that two entries have."""
    names: dict[tuple[str, ...], str] = {}
    for legend in legends:
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=False):
            look = _look(handle)
            names[look] = "" if look in names else str(text.get_text())
    return names


def _look(line: Any) -> tuple[str, ...]:
    parts = ("get_color", "get_linestyle", "get_marker")
    return tuple(str(getattr(line, part)()) for part in parts if hasattr(line, part))


def _line(line: Any, names: dict[tuple[str, ...], str]) -> dict[str, Any]:
    label = str(line.get_label())
    if label.startswith("_"):  # what matplotlib calls a line that was given no label
        label = names.get(_look(line), "") or label
    return {
        "x": np.asarray(line.get_xdata(orig=False), float),
        "y": np.asarray(line.get_ydata(orig=False), float),
        "label": label,
        "visible": bool(line.get_visible()),
    }


def _png(figure: Any) -> bytes:
    dpi = min(100.0, SIDE_LIMIT / max(float(side) for side in figure.get_size_inches()))
    stream = BytesIO()
    figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
    data = stream.getvalue()
    return data if len(data) <= PNG_LIMIT else b""


def is_picture(png: Any) -> bool:
    """Whether this begins as a PNG within the limits; it is embedded by those who ask, never decoded."""
    if not isinstance(png, bytes) or len(png) > PNG_LIMIT or not png.startswith(PNG):
        return False
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    return 0 < width <= SIDE_LIMIT and 0 < height <= SIDE_LIMIT
