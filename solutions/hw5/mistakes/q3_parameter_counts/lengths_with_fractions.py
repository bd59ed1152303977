# expects: q3a.shapes -> "not_dropped" 37/45
# expects: q3a.params -> "follow" 0.968
# expects: q3a.total -> "follows" 0.7
def conv1d_shapes():
    return [(498, 16), (249.0, 16), (245.0, 32), (122.5, 32), (118.5, 64), (59.25, 64), 3792.0, 128, 5]


def conv1d_params():
    return {"conv1": 352, "conv2": 2592, "conv3": 10304, "dense1": 3793 * 128, "dense2": 645}
