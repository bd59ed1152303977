"""A matplotlib figure as data: axes, lines, labels, legends, and one PNG for the feedback page."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np

SIDE_LIMIT = 2000  # pixels: the feedback page embeds the picture as it is
PNG_LIMIT = 1 << 20  # bytes


def describe_figure(figure: Any) -> dict[str, Any]:
    """Axes with title, labels, scales, limits, legend texts, grid, and every line's x, y (float64) and label."""
    return {"axes": [_axes(axes) for axes in figure.axes], "title": _title(figure), "png": _png(figure)}


def _title(figure: Any) -> str:
    title = figure._suptitle
    return "" if title is None else str(title.get_text())


def _axes(axes: Any) -> dict[str, Any]:
    legend = axes.get_legend()
    return {
        "title": str(axes.get_title()),
        "xlabel": str(axes.get_xlabel()),
        "ylabel": str(axes.get_ylabel()),
        "xscale": str(axes.get_xscale()),
        "yscale": str(axes.get_yscale()),
        "xlim": tuple(float(side) for side in axes.get_xlim()),
        "ylim": tuple(float(side) for side in axes.get_ylim()),
        "legend": None if legend is None else [str(text.get_text()) for text in legend.get_texts()],
        "images": len(axes.images),
        "bars": len(axes.patches),
        "lines": [_line(line) for line in axes.lines],
    }


def _line(line: Any) -> dict[str, Any]:
    return {
        "x": np.asarray(line.get_xdata(orig=False), float),
        "y": np.asarray(line.get_ydata(orig=False), float),
        "label": str(line.get_label()),
        "visible": bool(line.get_visible()),
    }


def _png(figure: Any) -> bytes:
    dpi = min(100.0, SIDE_LIMIT / max(float(side) for side in figure.get_size_inches()))
    stream = BytesIO()
    figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
    data = stream.getvalue()
    return data if len(data) <= PNG_LIMIT else b""
