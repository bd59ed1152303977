"""The charts of report and feedback: one drawing for light and dark, that needs no style and says what it shows."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import pytest
from markupsafe import Markup

from grader.drawing import (
    MOST_POINTS,
    Labels,
    accuracies,
    confusion_matrix,
    distribution,
    drawable,
    thinned,
    training_curves,
)
from tests.pages.parsed import Parsed

LOSSES = [2.3, 1.4, 0.9, 0.7]


def curves(name: str = "curve", lang: str = "en", losses: list[float] = LOSSES) -> Markup:
    return training_curves([("seed 1", losses), ("seed 2", LOSSES)], Labels(name, "Two", lang, "step", "loss"))


def scores(values: list[float], *, most: float = 10.0, lang: str = "en") -> Markup:
    return distribution(values, most, "mean", Labels("s", "Scores", lang, "score", "students"))


def matrix(counts: list[list[int]], lang: str = "en") -> Markup:
    return confusion_matrix(counts, Labels("c", "C", lang, "x", "y"))


def bars(parts: dict[str, list[tuple[float, float | None]]], lang: str = "en") -> Markup:
    return accuracies(parts, Labels("acc", "Bars", lang, "accuracy"))


CHARTS: dict[str, Callable[[], Markup]] = {
    "curves": curves,
    "curves-fa": lambda: curves(lang="fa"),
    "distribution": lambda: scores([1.0, 2.0, 2.5, 10.0]),
    "distribution-fa": lambda: scores([1.0, 2.0, 2.5, 10.0], lang="fa"),
    "confusion": lambda: matrix([[8, 2], [0, 5]]),
    "confusion-fa": lambda: matrix([[8]], lang="fa"),
    "confusion-wide": lambda: matrix([[1] * 40] * 40),
    "accuracies": lambda: bars({"7(e)": [(0.7, 0.8), (0.9, None)], "$4(d)$": [(1.0, 0.9)]}),
    "accuracies-fa": lambda: bars({"۷-ث": [(0.7, 0.8), (0.9, None)]}, lang="fa"),
}


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_is_sealed_and_named(chart: str) -> None:
    """A chart is one well-made svg element with a name for a screen reader, without style or script."""
    parsed = Parsed(str(CHARTS[chart]()))

    assert parsed.open == []
    assert parsed.names.count("svg") == 1
    assert parsed.tags[0][1]["aria-label"]
    assert not {"style", "script", "metadata", "image", "foreignobject"} & set(parsed.names)
    assert not [a for _, a in parsed.tags if "style" in a]
    assert all(link.startswith("#") for link in parsed.links())


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_takes_the_pages_colours(chart: str) -> None:
    """No colour is fixed in the drawing, so that it is right in light, in dark and on paper."""
    assert re.findall(r'(?:fill|stroke)="(?!none")[^"]*"', str(CHARTS[chart]())) == []


@pytest.mark.parametrize("chart", CHARTS)
def test_the_same_chart_has_the_same_bytes(chart: str) -> None:
    """Nothing of the clock or of chance is in a drawing."""
    assert CHARTS[chart]() == CHARTS[chart]()


def test_two_charts_share_no_name() -> None:
    """Two charts may stand on one page: what one defines, the other never points to."""
    one, two = (Parsed(str(curves(name))) for name in ("one", "two"))
    defined = {a["id"] for _, a in one.tags if "id" in a}

    assert defined
    assert not defined & {a["id"] for _, a in two.tags if "id" in a}
    assert {link[1:] for link in one.links()} <= defined


def test_persian_charts_count_in_persian() -> None:
    """The axes of a Persian page have Persian digits and no others; rows that have names keep them."""
    shown = Parsed(str(curves(lang="fa"))).text.replace("seed 1", "").replace("seed 2", "")
    shown += Parsed(str(scores([1.0, 10.0], lang="fa"))).text
    named = Parsed(str(bars({"۷-ث": [(0.7, 0.8)]}, lang="fa"))).text

    assert "۲" in shown
    assert {"۷-ث", "۰٫۲"} <= set(named.split())
    assert not re.findall(r"\d(?<![۰-۹])", shown + named)


def test_a_loss_that_is_no_number_is_a_gap() -> None:
    """A training that diverges is drawn as far as it went."""
    steps, values = thinned([1.0, math.nan, math.inf, 1e40, "0.5", None, 2])

    assert steps == [1, 2, 3, 4, 5, 6, 7]
    assert [not math.isnan(v) for v in values] == [True, False, False, False, False, False, True]
    assert Parsed(str(curves(losses=[1.0, math.nan, 0.5]))).open == []
    assert drawable([math.nan, 0.5])
    assert not drawable([math.nan, "x"])
    assert not drawable([])


def test_long_trainings_are_thinned() -> None:
    """A hundred thousand steps become at most as many points as a screen shows, and the first one stays."""
    steps, values = thinned([float(i) for i in range(100_000)])

    assert len(steps) == len(values) <= MOST_POINTS
    assert (steps[0], values[0]) == (1, 0.0)


def test_every_score_is_in_one_bar() -> None:
    """Scores at both ends are counted: a full mark is in the last bar, zero in the first."""
    both = str(scores([0.0, 10.0]))
    first, last = (str(scores([x, x])) for x in (0.0, 10.0))

    def drawn(chart: str) -> int:
        return len(
            [
                d
                for d in re.findall(r'<path d="([^"]*)"[^>]*class="fill-main"', chart)
                if len(set(re.findall(r"[\d.]+", d))) > 3
            ]
        )

    assert (drawn(both), drawn(first), drawn(last)) == (2, 1, 1)


def test_a_class_without_points_has_a_chart() -> None:
    """An assignment whose only points are marked by hand still has its picture."""
    assert Parsed(str(scores([0.0], most=0.0))).open == []


@pytest.mark.parametrize("accuracy", [0.0, 1.0])
def test_a_dot_at_the_end_is_whole(accuracy: float) -> None:
    """A training that is right on every row is seen as the others are."""
    chart = str(bars({"7(e)": [(accuracy, None)]}))

    (clip,) = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', chart)
    left, width = map(float, clip)
    ((x, dot),) = [
        (float(x), name) for name, x in re.findall(r'href="#([\w-]+)" x="([\d.]+)".*class="fill-main"', chart)
    ]
    (shape,) = re.findall(rf'id="{dot}" d="(.*?)"', chart)
    radius = max(abs(float(number)) for number in re.findall(r"-?[\d.]+", shape))

    assert left + radius < x < left + width - radius
