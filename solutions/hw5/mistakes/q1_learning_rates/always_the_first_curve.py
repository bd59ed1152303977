# expects: q1t -> "some" 0
def which_curve(a, b):
    return {"batch": "a"}
