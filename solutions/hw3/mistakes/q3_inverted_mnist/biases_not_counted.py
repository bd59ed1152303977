# expects: q3d -> "no_bias" 0.8875
def param_table():
    return [("conv1", (8, 22, 22), 392), ("conv2", (8, 18, 18), 1600), ("flatten", 2592, 0), ("dense", 10, 25920)]


def prelu_param_counts():
    return {"shared": 27946, "separate": 27954, "per_pixel": 34402}
