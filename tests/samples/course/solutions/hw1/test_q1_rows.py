"""Hidden checks of rows, against plain loops."""

from grader import close, hint, points


@points(2, part="q1a")
def test_mean(submission, draw):
    """The mean of any row is right."""
    x = draw("x").normal(1.0, size=int(draw("size").integers(3, 20)))
    wrong = (0.5, lambda right: right * len(x), hint("sum", "This is the sum: divide it by how many there are."))

    assert submission.mean(x) == close(sum(x.tolist()) / x.size, mistakes=[wrong])


@points(2, part="q1b")
def test_columns(submission, draw):
    """Every column's mean is zero afterwards, and nothing else has changed."""
    X = draw("X").normal(3.0, size=(5, 4))
    right = [[value - sum(column) / 5 for value, column in zip(row, X.T, strict=True)] for row in X]
    by_rows = [[value - sum(row) / 4 for value in row] for row in X]

    assert submission.centred(X) == close(
        right, mistakes=[(0.25, by_rows, hint("axis", "The mean of each row was taken away; columns were asked."))]
    )


@points(1, part="q1c")
def test_half(submission, draw):
    """The half is right, and in single precision."""
    x = draw("x").integers(-50, 50, size=6)

    assert submission.half(x) == close([value / 2 for value in x.tolist()], dtype="float32")
