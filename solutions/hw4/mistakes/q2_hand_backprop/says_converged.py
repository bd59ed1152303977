# expects: q2e -> "verdict" 0
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = converged()


def converged():
    return _right | {"converged": True}
