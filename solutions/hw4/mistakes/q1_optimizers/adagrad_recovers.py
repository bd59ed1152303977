# expects: q1.choice -> "5 right, 1 wrong" 2/3
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_answers = optimizer_facts()


def optimizer_facts():
    return {**_answers, "adagrad_rate_can_grow": True}
