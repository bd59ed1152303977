"""The derivative of Swish."""


def swish_derivative():
    """q1: the derivative of x*sigmoid(x) by x, as text or a sympy expression in x."""
    # BEGIN SOLUTION
    import sympy

    x = sympy.Symbol("x", real=True)
    return sympy.diff(x / (1 + sympy.exp(-x)), x)
    # END SOLUTION
