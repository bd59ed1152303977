# expects: q3d -> "padded" 0.85
def param_table():
    return [("conv1", (8, 28, 28), 400), ("conv2", [8, 28, 28], 1608), ("flatten", (6272,), 0), ("dense", (10,), 62730)]


def prelu_param_counts():
    return {"shared": 27946, "separate": 27954, "per_pixel": 34402}
