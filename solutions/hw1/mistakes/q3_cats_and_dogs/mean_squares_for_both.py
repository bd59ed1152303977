# expects: q3a -> "other" 0
def head_options():
    return [
        {"neurons": 1, "activation": "sigmoid", "loss": "mse"},
        {"neurons": 2, "activation": "softmax", "loss": "mse"},
    ]
