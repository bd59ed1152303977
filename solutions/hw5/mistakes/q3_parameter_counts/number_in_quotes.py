# expects: q3a.params -> "quoted" 0.616
def conv1d_params():
    return {"conv1": 336, "conv2": "2592", "conv3": 10304.5, "dense1": 483456, "dense2": 645}


def conv1d_total():
    return 497349
