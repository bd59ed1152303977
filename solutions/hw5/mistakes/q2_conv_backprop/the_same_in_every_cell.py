# expects: q2.dX -> "differ" 2/9
# Entries that are those of the turned answer by chance earn nothing, and nobody is told of a turned filter.
def grad_input():
    return [[0.5] * 3] * 3
