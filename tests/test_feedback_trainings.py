"""A student's page of trainings: curves, accuracies, and which class is taken for which; the audit is not on it."""

from __future__ import annotations

import pytest

from grader.feedback import by_class
from tests.pages.feedback import page
from tests.pages.parsed import words
from tests.pages.sample import a_run, measured


def test_training_curves_are_drawn() -> None:
    """A part with trainings has its curves, and a row for each with accuracy, bar, seconds and device."""
    text = page()

    assert text.count('class="chart"') == 1
    assert "1 73.9 % of 2000 rows that it has not seen 80 % 81.4 cpu" in words(text)


def test_a_training_without_losses_has_no_chart() -> None:
    """A training that never reported is a row, not an empty picture."""
    text = page(run=a_run(trainings=[{"part": "q7e", "seed": 3, "accuracies": []}]))

    assert 'class="chart"' not in text
    assert "3 – – – –" in words(text)


def test_a_training_may_be_measured_on_several_sets() -> None:
    """Every measurement is told with the number of rows it was made on, in Persian digits on the Persian page."""
    accuracies = [measured(0.9, 50_000), measured(0.812, 10_000)]
    run = a_run(trainings=[{"part": "q7e", "seed": 3, "accuracies": accuracies}])

    assert "90 % of 50000 rows" in words(page(run=run))
    assert "۸۱٫۲٪ از ۱۰۰۰۰ نمونه" in words(page(run=run, lang="fa"))


def test_several_networks_are_told_apart() -> None:
    """A part that trains more than one says which is which, in the table and at the curves."""
    one = {"part": "q7e", "seed": 3, "network": "build(0.5)", "losses": [2.0, 1.0]}
    other = {"part": "q7e", "seed": 4, "network": "build('<u>')", "losses": [2.0, 1.5]}

    assert "build(0.5)" not in page(run=a_run(trainings=[one]))
    text = page(run=a_run(trainings=[one, other]))
    assert text.count("build(0.5)") >= 2
    assert "<u>" not in text


def test_weights_that_were_handed_in_are_said() -> None:
    """They have no seed, and nobody trained them here."""
    run = a_run(trainings=[{"part": "q7e", "handed_in": True, "seconds": 0.0, "accuracies": []}])

    assert "your weights" in words(page(run=run))


CONFUSION = [[8, 2, 0], [1, 9, 0], [0, 6, 0]]


def test_the_confusion_matrix_is_shown_with_each_class() -> None:
    """Of unseen rows, in whatever order they were measured; precision of a class that is never named is unknown."""
    entries = [
        {"rows": 25, "accuracy": 0.68, "bar": 0.6, "confusion": CONFUSION, "trained_on": False},
        {"rows": 5, "accuracy": 1.0, "confusion": [[5]], "trained_on": True},
    ]
    run = a_run(trainings=[{"part": "q7e", "seed": 3, "accuracies": entries}])
    text = page(run=run)

    assert "how many rows of each class the network takes for which" in text
    assert "0 88.9 % 80 % 84.2 % 1 52.9 % 90 % 66.7 % 2 – 0 % 0 %" in words(text)
    assert "68 % of 25 rows that it has not seen100 % of 5 rows that it was trained on 60 %–" in words(text)
    assert "Counted on 25 rows that it has not seen." in words(text)
    assert "ماتریس درهم‌ریختگی" in page(run=run, lang="fa")


def test_precision_and_recall_agree_with_counting() -> None:
    """Row by row: how often a class was named rightly, of all that were named so, and of all that are so."""
    pairs = [(i, j) for i, row in enumerate(CONFUSION) for j, n in enumerate(row) for _ in range(n)]
    for k, (precision, recall, f1) in enumerate(by_class(CONFUSION)):
        named, there = [i == k for i, j in pairs if j == k], [j == k for i, j in pairs if i == k]

        assert precision == (sum(named) / len(named) if named else None)
        assert recall == sum(there) / len(there)
        assert f1 == (pytest.approx(2 / (1 / precision + 1 / recall)) if precision and recall else 0)


def test_the_audit_is_not_for_students() -> None:
    """Its run stands in no table of theirs."""
    run = a_run(trainings=[{"part": "q7e", "run": "audit", "seed": 77, "losses": [3.0, 2.0]}])

    assert "77" not in words(page(run=run))
    assert 'class="chart"' not in page(run=run)
