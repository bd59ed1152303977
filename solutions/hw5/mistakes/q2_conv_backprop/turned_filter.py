# expects: q2.dF -> "turned" 0.5
# expects: q2.dX -> "turned" 5/9
# The middle of the input's gradient stays where it is when the filter is turned: one cell of nine is right.
def grad_filter():
    return [[-1, 1.25], [1.75, 2.5]]


def grad_input():
    return [[0.25, -0.5, -0.75], [0.25, 0, -0.25], [0, 0.5, 0.5]]
