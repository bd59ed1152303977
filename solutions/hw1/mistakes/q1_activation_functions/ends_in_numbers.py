# expects: q1a -> "truth" 0.625
_table = activation_table


def activation_table():
    ends = ("saturates_negative", "saturates_positive")
    return {name: {**facts, **{end: int(facts[end]) for end in ends}} for name, facts in _table().items()}
