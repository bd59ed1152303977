# expects: q3f -> "weak" 0.9
_alpha_one = alpha_one


def alpha_one():
    return {**_alpha_one(), "cause": "linear-too-weak"}
