# expects: q3a -> "`relu` is no word for activation" 0.75
def head_options():
    return [
        {"neurons": 1, "activation": "sigmoid", "loss": "bce"},
        {"neurons": 2, "activation": "softmax", "loss": "cce"},
        {"neurons": 2, "activation": "relu", "loss": "bce"},
    ]
