"""The instructor's page says in Persian what it says in English, and the same figures."""

from __future__ import annotations

import re
import tomllib
from fractions import Fraction

from grader.changes import AGAIN, REASONS
from grader.marks import Mark, Marks
from grader.report import report_page
from grader.results import DETAIL_CHARACTERS
from tests.pages.parsed import Parsed, assert_sealed
from tests.pages.report import long_tail, rows, tiles
from tests.pages.sample import a_class, a_run, a_sheet, an_assignment, graded, marksheets, measured
from tests.sample_course import ROOT

ODD = {
    "part": "q7e",
    "handed_in": True,
    "accuracies": [
        {
            **measured(0.9, 500, bar=0.85),
            "copies": {"plain": 0.9, "shifted": 0.1, "flipped": 0.2},
            "renamed": {"plain": 0.9, "accuracy": 0.18},
        },
        {
            **measured(0.9, 500),
            "copies": {"broke": "KeyError"},
            "differs": "head.weight",
            "renamed": {"plain": 0.9, "accuracy": None, "broke": "-"},
        },
    ],
}


def busy(lang: str) -> str:
    """A report in which every section has something to say."""
    sheets = [*a_class(), a_sheet("s8"), a_sheet("s9")]
    long = a_run("s8", checks={"q7_inception::test_branches": {"seconds": 9.8, "detail": "x" * DETAIL_CHARACTERS * 2}})
    closed = [{"en": "a.zip was not opened.", "fa": "a.zip باز نشد."}]
    runs = [a_run("s0", isolation=0, left_out=closed), {**long, "trainings": [*long["trainings"], ODD]}]
    marks = {"s8": Marks({"q1a.essay": Mark(Fraction(3, 2)), "q1a": Mark(Fraction(2))}, Fraction(1, 2))}
    changes = [
        {"student": "s8", "part": "q1a", "check": "t", "outcome_before": "ungraded", "earned_before": ""}
        | {"outcome": "passed", "earned": "1.5", "why": why}
        for why in (", ".join(REASONS), AGAIN, "the weather")
    ]
    return report_page(marksheets(sheets, runs), an_assignment(), marks, changes, lang=lang)


def calm(lang: str, isolation: int, profile: str, seconds: float) -> str:
    """A report with nothing to look at."""
    manifest = {"profile": profile, "data": {"cifar10": "official"}}
    sheets = [a_sheet(f"s{i}", {"q1_learning_rates": [graded("q1a", 2.0, 2.0)]}, **manifest) for i in range(2)]
    honest = a_run("s0", isolation=isolation, seconds=seconds, audit=0.5)
    return report_page(marksheets(sheets, [honest]), an_assignment(), lang=lang)


def read_aloud(page: str) -> str:
    """Everything that a person reads on a page or hears of it."""
    parsed = Parsed(page)
    labels = [attributes[key] for _, attributes in parsed.tags for key in ("aria-label", "title") if key in attributes]
    return " ".join([parsed.blocks["title"], parsed.text, *labels])


def test_a_persian_page_says_everything_in_persian() -> None:
    """Each sentence of the report is in its Persian form, right to left, and no English one is left."""
    many = report_page(marksheets(long_tail()), an_assignment(), lang="fa")
    pages = [busy("fa"), calm("fa", 2, "full", 150.0), calm("fa", 3, "quick", 9000.0), many]
    shown = " ".join(" ".join(read_aloud(page) for page in pages).split())
    phrases: dict[str, dict[str, str]] = tomllib.loads((ROOT / "grader/phrases.toml").read_text(encoding="utf-8"))
    said = {key: text for key, text in phrases.items() if key.startswith(("report.", "audit."))}

    def pieces(sentence: str) -> list[str]:
        """What stands between the values that are filled in."""
        found = re.split(r"\{\w+\}", sentence.replace("`", ""))
        return [piece.strip() for piece in found if re.search(r"\w{2}", piece)]

    for page in pages:
        assert '<html lang="fa" dir="rtl">' in page
        assert_sealed(page)
    assert [key for key, text in said.items() if not all(piece in shown for piece in pieces(text["fa"]))] == []
    assert [
        key
        for key, text in said.items()
        if any(re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", shown) for piece in pieces(text["en"]))
    ] == []


def test_a_persian_page_tells_the_same_figures() -> None:
    """Every number of the English tables and tiles stands in the Persian ones, in Persian digits and no others."""
    english, persian = busy("en"), busy("fa")
    pairs = [
        (english_cell, persian_cell)
        for heading in ("parts", "mistakes", "each", "time", "changes", "students")
        for english_row, persian_row in zip(rows(english, heading), rows(persian, heading), strict=True)
        for english_cell, persian_cell in zip(english_row, persian_row, strict=True)
    ]
    pairs += zip(tiles(english).values(), tiles(persian).values(), strict=True)
    figures = [pair for pair in pairs if re.match(r"-?[\d.]+(?: |$)", pair[0])]

    assert len(figures) > 100
    for told, tells in figures:
        assert float(tells.split()[0].replace("٫", ".")) == float(told.split()[0])
        assert not re.search("(?<!q)[0-9]", tells)  # an id, q2.dF, is as it is in the module
