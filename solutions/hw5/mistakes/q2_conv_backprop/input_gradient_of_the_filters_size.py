# expects: q2.dX -> "shrunk" 0.2
def grad_input():
    return [[0.5, 0.5], [-0.25, 0]]
