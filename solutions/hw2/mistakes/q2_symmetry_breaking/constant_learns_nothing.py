# expects: q2a -> "gradients" 0.6
def init_outcomes():
    return {
        "zero": "no_learning",
        "constant": "no_learning",
        "too_small": "vanishing",
        "too_large": "exploding",
        "remedy": "xavier",
    }
