# expects: q1a -> "branch" 31/36
# One of nine cells is wrong and takes back a right one; the other six cells stand.
RELU = {
    "needs_exp": False,
    "dead_negative_gradient": True,
    "saturates_negative": True,
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
    "negative_branch": "logarithmic",
}


def activation_table():
    return {"relu": RELU, "leaky_relu": LEAKY_RELU, "elu": ELU}
