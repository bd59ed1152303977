"""Hidden checks of the table: numpy's outer product of the same numbers."""

import numpy as np

from grader import close, hint, points


@points(3, part="q2a")
def test_table(submission, given):
    """Every cell is the product of its row's and its column's number."""
    sums = np.add.outer(given["a"], given["b"])
    added = hint("added", "The numbers were added; products were asked.")

    assert submission.table() == close(np.outer(given["a"], given["b"]), each=True, mistakes=[(0.5, sums, added)])


@points(1, part="q2b")
def test_total(submission, given):
    """The sum follows from the table."""

    def of_your_table():
        return sum(map(sum, submission.table()))

    assert submission.total() == close(int(np.outer(given["a"], given["b"]).sum()), carried=of_your_table)
