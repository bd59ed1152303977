# expects: q1a -> "level" 3/4
RELU = {
    "needs_exp": False,
    "dead_negative_gradient": True,
    "saturates_negative": False,
    "saturates_positive": False,
    "negative_branch": "zero",
}
LEAKY_RELU = {
    "needs_exp": False,
    "dead_negative_gradient": False,
    "saturates_negative": False,
    "saturates_positive": False,
    "negative_branch": "linear",
}
ELU = {
    "needs_exp": True,
    "dead_negative_gradient": False,
    "saturates_negative": True,
    "saturates_positive": False,
    "negative_branch": "exponential",
}


def activation_table():
    return {"relu": RELU, "leaky_relu": LEAKY_RELU, "elu": ELU}
