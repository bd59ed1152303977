# expects: q3a -> "always_one" 0
def head_options():
    return [
        {"neurons": 1, "activation": "softmax", "loss": "bce"},
        {"neurons": 2, "activation": "softmax", "loss": "cce"},
    ]
