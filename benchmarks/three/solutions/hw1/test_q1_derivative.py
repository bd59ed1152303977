from grader import points, same


@points(2, part="q1")
def test_derivative_of_swish(submission):
    """The derivative of Swish, in any form."""
    assert submission.swish_derivative() == same("sigmoid(x) + x*sigmoid(x)*(1 - sigmoid(x))", symbols={"x": "real"})
