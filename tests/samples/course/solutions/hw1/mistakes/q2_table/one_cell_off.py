# expects: q2a -> "1 of 6" 5/6
def table():
    return [[8, 10, 18], [12, 15, 28]]


def total():
    return 90
