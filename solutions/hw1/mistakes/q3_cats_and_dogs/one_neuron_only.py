# expects: q3a -> "one_only" 0.5
def head_options():
    return [
        {"neurons": 1, "activation": "sigmoid", "loss": "bce"},
        {"neurons": 1, "activation": "linear", "loss": "mse"},
    ]
