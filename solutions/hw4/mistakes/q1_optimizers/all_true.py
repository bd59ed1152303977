# expects: q1.choice -> "3 right, 3 wrong" 0
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_answers = optimizer_facts()


def optimizer_facts():
    return dict.fromkeys(_answers, True)
