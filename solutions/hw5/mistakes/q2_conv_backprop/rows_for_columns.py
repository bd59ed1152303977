# expects: q2.dF -> "places" 0.5
# expects: q2.dX -> "places" 1/3
# The diagonal stays where it is.
def grad_filter():
    return [[2.5, 1.25], [1.75, -1]]


def grad_input():
    return [[0.5, -0.25, -0.75], [0.5, 0, -0.5], [0, 0.25, 0.25]]
