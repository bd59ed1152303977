"""A table by hand.

The outer product of a = (a_1, ..., a_n) and b = (b_1, ..., b_k) is the table of all products a_i * b_j, shape (n, k).

Example: (1, 2) and (5, 7) give the rows (5, 7) and (10, 14).

References: any book on linear algebra, and numpy's page on `outer`.
"""

GIVEN = {"a": (2, 3), "b": [4, 5, 9]}


def table():
    """q2a: the outer product of GIVEN's a and b, two rows of three numbers.

    >>> len(table()), len(table()[0])
    (2, 3)
    """
    # BEGIN SOLUTION
    # STUB return [[..., ..., ...],  # whole numbers
    # STUB         [..., ..., ...]]
    return [[left * right for right in GIVEN["b"]] for left in GIVEN["a"]]
    # END SOLUTION


def total():
    """q2b: the sum over the table, a whole number.

    >>> isinstance(total(), int)
    True
    """
    # BEGIN SOLUTION
    return sum(map(sum, table()))
    # END SOLUTION
