# expects: q3a -> "neurons, row" 0
def head_options():
    return [
        {"neurons": "1", "activation": "sigmoid", "loss": "bce"},
        {"neurons": "2", "activation": "softmax", "loss": "cce"},
    ]
