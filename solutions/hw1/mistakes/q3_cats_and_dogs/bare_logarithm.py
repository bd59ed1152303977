# expects: q3a -> "misfit" 0.75
def head_options():
    return [
        {"neurons": 1, "activation": "sigmoid", "loss": "bce"},
        {"neurons": 2, "activation": "Softmax", "loss": "CCE"},
        {"neurons": 1, "activation": "linear", "loss": "bce"},
    ]
