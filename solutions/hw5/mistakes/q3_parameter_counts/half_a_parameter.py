# expects: q3a.params -> "not_whole" 0.84
# expects: q3a.total -> 0
def conv1d_params():
    return {"conv1": 352, "conv2": 2592, "conv3": 10304, "dense1": 483456, "dense2": 645.5}
