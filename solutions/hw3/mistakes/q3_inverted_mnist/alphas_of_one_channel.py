# expects: q3h -> "planes" 0.9
def prelu_param_counts():
    return {"shared": 27946, "separate": 27954, "per_pixel": 27938 + 22 * 22 + 18 * 18}
