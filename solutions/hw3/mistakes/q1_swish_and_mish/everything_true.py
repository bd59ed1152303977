# expects: q1c -> 0
def activation_properties():
    return {
        n: dict.fromkeys(("bounded_below", "bounded_above", "monotone", "smooth"), True)
        for n in ("relu", "swish", "mish")
    }
