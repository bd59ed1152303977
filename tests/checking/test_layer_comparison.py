"""A failed check's network beside the solution's is for the instructor; the student reads their own layers alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from grader.checking import ledger
from grader.checking.bars import reached
from grader.checking.layer_comparison import DEEPEST, compare, side_by_side
from grader.checking.network import opened

NET = """
from torch import nn
def build(classes):
    return nn.Sequential({layers})
"""
OURS = "nn.Conv2d(3, 6, 5), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, classes)"


@pytest.fixture
def told(opens: Callable[..., Any]) -> Callable[..., ledger.Ledger]:
    """`told(layers)`: the ledger of a check that has asked for a network of these layers and failed."""

    def compared(theirs: str, ours: str = NET.format(layers=OURS)) -> ledger.Ledger:
        student = opens(theirs, ours)
        with opened() as networks, ledger.opened() as book:
            student.build(4)
            compare(networks)
        return book

    return compared


def test_the_instructor_sees_both_columns(told: Callable[..., ledger.Ledger]) -> None:
    """What differs, what is missing and what is too many has its sign; what is alike has none."""
    book = told(NET.format(layers="nn.Conv2d(3, 8, 5), nn.ReLU(), nn.Flatten(), nn.Linear(8, classes), nn.Softmax(1)"))

    (table,) = book.details
    heads, *rows = table.splitlines()
    signs = [row[heads.index("as given") - 2] for row in rows]
    assert heads.split("   ")[0].strip() == "layers as expected (5)"
    assert signs == ["|", " ", "<", " ", "|", ">"]
    assert "Conv2d(in_channels=3, out_channels=6, kernel_size=(5, 5), stride=(1, 1), padding=(0, 0)) 456" in rows[0]
    assert rows[2].startswith("AdaptiveAvgPool2d(output_size=1)")
    assert rows[5].endswith("> Softmax(dim=1)")


def test_the_student_reads_their_own_layers_and_no_number(told: Callable[..., ledger.Ledger]) -> None:
    """The advice names the types that they handed in, in both languages, and nothing of the solution."""
    book = told(NET.format(layers="nn.Conv2d(3, 8, 5), nn.ReLU(), nn.Flatten(), nn.Linear(8, classes)"))

    assert book.advice is not None
    assert "Your layers: Conv2d, ReLU, Flatten, Linear." in book.advice.en
    assert "Conv2d, ReLU, Flatten, Linear" in book.advice.fa
    assert "AdaptiveAvgPool2d" not in book.advice.en + book.advice.fa


def test_below_a_bar_the_layers_are_the_student_s_choice(opens: Callable[..., Any]) -> None:
    """Who has missed an accuracy is not sent through sizes and biases; the instructor has the table all the same."""
    student = opens(NET.format(layers="nn.Flatten(), nn.Linear(8, classes)"), NET.format(layers=OURS))
    with opened() as networks, ledger.opened() as book:
        student.build(4)
        passed = reached({0.9: 1}) == 0.5
        compare(networks)

    assert (passed, book.advice) == (False, None)
    assert book.details


def test_a_network_of_the_same_layers_is_left_alone(told: Callable[..., ledger.Ledger]) -> None:
    """Names of containers do not matter; where the layers are alike, the fault lies elsewhere."""
    book = told(
        f"""
        from torch import nn
        class Mine(nn.Module):
            def __init__(self, classes):
                super().__init__()
                self.inner = nn.Sequential({OURS})
        def build(classes):
            return Mine(classes)
        """
    )

    assert (book.details, book.advice) == ([], None)


def test_without_a_network_of_ours_there_is_nothing_to_compare(told: Callable[..., ledger.Ledger]) -> None:
    """The solution may build none by this call."""
    assert told(NET.format(layers=OURS), ours="").details == []


def test_many_layers_are_cut(told: Callable[..., ledger.Ledger]) -> None:
    """A network of thousands of layers costs the verifier no time and the report no page."""
    book = told(NET.format(layers="*[nn.ReLU() for _ in range(3000)]"))

    assert len(book.details[0].splitlines()) <= 2 * DEEPEST + 1
    assert book.advice is not None
    assert len(book.advice.en) < 300


def test_columns_of_unequal_length() -> None:
    """The columns are as wide as their heads at least."""
    assert list(side_by_side([], ["ReLU()"])) == [
        "layers as expected (0)   as given (1)",
        "                       > ReLU()",
    ]
