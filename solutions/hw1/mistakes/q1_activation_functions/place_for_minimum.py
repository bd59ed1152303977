# expects: q1b -> "exchanged" 0.25
def swish_mish_facts():
    return {
        "swish_argmin": -0.2784645428,
        "swish_min": -1.2784645428,
        "mish_argmin": -0.3088434130,
        "mish_min": -1.1924312145,
        "swish_slope0": 0.5,
        "mish_slope0": 0.6,
    }
