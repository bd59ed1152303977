# expects: q3f -> 5/6
_alpha_one = alpha_one


def alpha_one():
    return {**_alpha_one(), "cause": "lr"}
