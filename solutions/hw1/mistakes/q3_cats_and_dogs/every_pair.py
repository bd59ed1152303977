# expects: q3a -> "always_one" 0
def head_options():
    return [
        {"neurons": n, "activation": activation, "loss": loss}
        for n in (1, 2)
        for activation in ("linear", "sigmoid", "softmax")
        for loss in ("bce", "cce", "mse")
    ]
