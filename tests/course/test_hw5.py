"""Figures of homework 5 that the course states, against its solutions."""

from __future__ import annotations

from grader.course import find_course
from tests.course.facts import figures
from tests.sample_course import ROOT

HW5 = find_course(ROOT).assignment("hw5")


def test_the_figures_of_q3() -> None:
    """The official network: five counts, nine rows, and a total that the official key never adds up."""
    counts, rows, whole = figures(
        HW5.question("q3"),
        "(conv1d_params(), [tuple(r) if isinstance(r, (list, tuple)) else r for r in conv1d_shapes()], conv1d_total())",
    )  # type: ignore[misc]

    assert counts == {"conv1": 352, "conv2": 2592, "conv3": 10304, "dense1": 483456, "dense2": 645}
    assert whole == sum(counts.values()) == 497_349
    assert rows == [(498, 16), (249, 16), (245, 32), (122, 32), (118, 64), (59, 64), 3776, 128, 5]


def test_the_figures_of_q2() -> None:
    """The source's numbers: a quarter of each window, and the full convolution back."""
    assert figures(HW5.question("q2"), "(grad_filter(), grad_input())") == (
        [[2.5, 1.75], [1.25, -1.0]],
        [[0.5, 0.5, 0.0], [-0.25, 0.0, 0.25], [-0.75, -0.5, 0.25]],
    )


def test_the_figures_of_q1() -> None:
    """Closed forms: the growth beyond the threshold, and the steps out of the saddle."""
    grown, slow, saddle = figures(
        HW5.question("q1"),
        "(abs(gd_path(1.0, 2.1, 1.0, 50)[-1]), abs(gd_path(1.0, 1e-3, 1.0, 50)[-1]), "
        "[[escape_steps(opt, 0.1, (1.0, y)) for y in (1e-2, 1e-3, 1e-6, 0.0)] for opt in ('sgd', 'adam')])",
    )  # type: ignore[misc]

    assert (round(grown, 4), round(slow, 6)) == (117.3909, 0.951206)  # 1.1 ** 50 and 0.999 ** 50
    assert saddle == [[26, 38, 76, None], [11, 11, 11, None]]  # ceil(ln(1 / y) / ln 1.2)
