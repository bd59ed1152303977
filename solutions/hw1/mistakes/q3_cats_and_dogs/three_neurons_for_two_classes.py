# expects: q3a -> "number" 0.75
def head_options():
    return [
        {"neurons": 1, "activation": "sigmoid", "loss": "bce"},
        {"neurons": 2, "activation": "softmax", "loss": "cce"},
        {"neurons": 3, "activation": "softmax", "loss": "cce"},
    ]
