# expects: q1t -> "which" 0
def which_curve(a, b):
    return {"batch": "A"}
