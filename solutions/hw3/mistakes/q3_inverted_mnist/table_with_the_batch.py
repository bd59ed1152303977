# expects: q3d -> "batch" 0.85
# A table printed for a network that was built with all images at once.
def param_table():
    return [
        ("conv1", (120000, 8, 22, 22), 400),
        ("conv2", (120000, 8, 18, 18), 1608),
        ("flatten", (120000, 2592), 0),
        ("dense", (120000, 10), 25930),
    ]


def prelu_param_counts():
    return {"shared": 27946, "separate": 27954, "per_pixel": 34402}
