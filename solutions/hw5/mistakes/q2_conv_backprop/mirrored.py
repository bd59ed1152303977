# expects: q2.dF -> "places" 0
# expects: q2.dX -> "places" 1/3
# The middle column stays where it is.
def grad_filter():
    return [[1.75, 2.5], [-1, 1.25]]


def grad_input():
    return [[0, 0.5, 0.5], [0.25, 0, -0.25], [0.25, -0.5, -0.75]]
