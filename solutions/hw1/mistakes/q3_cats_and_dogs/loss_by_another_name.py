# expects: q3a -> "`binary cross-entropy` is no word for loss" 0.5
def head_options():
    return [
        {"neurons": 1, "activation": "sigmoid", "loss": "binary cross-entropy"},
        {"neurons": 2, "activation": "softmax", "loss": "cce"},
    ]
