"""Rows of numbers.

A network's first step is often to move its inputs about their means. With X of shape (n, k), the mean of column j is
m_j = (X_1j + ... + X_nj) / n.

Example: the mean of 1, 2 and 6 is 3.

References: any book on statistics, and numpy's page on `mean`.
"""

import numpy as np


def mean(x):
    """q1a: the mean of x, a float.

    x: (n,) array of float64, n >= 1.

    >>> float(mean(np.array([1.0, 2.0, 6.0])))
    3.0
    """
    # BEGIN SOLUTION
    whole_sum_of_entries = np.sum(x)
    return whole_sum_of_entries / len(x)
    # END SOLUTION


def centred(X):
    """q1b: X with every column's mean taken away, of the same shape (n, k).

    >>> np.asarray(centred(np.array([[1.0, 4.0], [3.0, 8.0]]))).tolist()
    [[-1.0, -2.0], [1.0, 2.0]]
    """
    # BEGIN SOLUTION
    return X - _column_means_of(X)
    # END SOLUTION


# BEGIN SOLUTION
def _column_means_of(X):
    return np.mean(X, axis=0, keepdims=True)


# END SOLUTION


def half(x):
    """q1c: x / 2 as float32, whatever number type x has; shape (n,).

    >>> half(np.array([1, 3])).dtype.name
    'float32'
    """
    # BEGIN SOLUTION
    return np.asarray(x, "float32") / np.float32(2)
    # END SOLUTION
