# expects: q3h -> "channels" 0.8
def prelu_param_counts():
    return {"shared": 27938 + 1, "separate": 27938 + 2, "per_pixel": 27938 + 8 * 22 * 22 + 8 * 18 * 18}
