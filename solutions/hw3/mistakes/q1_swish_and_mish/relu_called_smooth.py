# expects: q1c -> 2/3
def activation_properties():
    dips = {"bounded_below": True, "bounded_above": False, "monotone": False, "smooth": True}
    return {"relu": dips, "swish": dips, "mish": dips}
