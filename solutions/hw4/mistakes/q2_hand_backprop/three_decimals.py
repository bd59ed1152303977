# expects: q2b -> "rounded too early" 0.875
# expects: q2c -> "rounded too early" 0.75
# expects: q2d -> "rounded too early" 131/160
# Every value was written down, and carried on, with three decimals.
def forward1():
    return {"h1": 1.3, "h2": 2.9, "z": 2.39, "p": 0.916, "L": 0.007}


def gradients1():
    by_weight = {
        "dL_dw1": -0.019,
        "dL_dw2": -0.032,
        "dL_dw3": -0.023,
        "dL_dw4": -0.039,
        "dL_dw5": -0.017,
        "dL_dw6": -0.038,
    }
    return {"dL_dp": -0.168, "dp_dw5": 0.1, "dp_dw6": 0.223, "dp_dh1": 0.038, "dp_dh2": 0.046, **by_weight}


def updated1():
    return [0.102, 0.203, 0.302, 0.404, 0.502, 0.604]


def epoch2():
    return {"p": 0.919, "w": [0.104, 0.206, 0.304, 0.408, 0.504, 0.607]}
