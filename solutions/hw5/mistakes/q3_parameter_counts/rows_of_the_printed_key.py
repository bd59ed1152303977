# expects: q3a.shapes -> "rows" 0
# The printed key: two rows are missing, and the third convolution repeats the second.
def conv1d_shapes():
    return [(498, 16), (249, 16), (245, 32), (122, 32), (245, 32), 128, 5]


def conv1d_params():
    return {"conv1": 352, "conv2": 2592, "conv3": 10304, "dense1": 483456, "dense2": 645}
