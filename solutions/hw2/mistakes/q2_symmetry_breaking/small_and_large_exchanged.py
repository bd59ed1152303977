# expects: q2a -> "factor" 0.2
def init_outcomes():
    return {
        "zero": "symmetric",
        "constant": "symmetric",
        "too_small": "exploding",
        "too_large": "vanishing",
        "remedy": "he",
    }
