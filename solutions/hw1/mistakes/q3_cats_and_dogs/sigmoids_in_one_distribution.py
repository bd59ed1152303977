# expects: q3a -> "misfit" 0.25
def head_options():
    return [
        {"neurons": 1, "activation": "sigmoid", "loss": "bce"},
        {"neurons": 2, "activation": "sigmoid", "loss": "cce"},
    ]
