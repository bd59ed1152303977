# expects: q1a -> "5 right, 4 wrong" 5/72
# Who crosses nothing earns nothing to speak of.
def activation_table():
    asked = ("needs_exp", "dead_negative_gradient", "saturates_negative", "saturates_positive")
    return {name: dict.fromkeys(asked, False) | {"negative_branch": "linear"} for name in ("relu", "leaky_relu", "elu")}
