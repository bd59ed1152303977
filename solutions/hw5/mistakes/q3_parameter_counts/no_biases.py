# expects: q3a.params -> "no_bias" 0.68
# expects: q3a.total -> "follow" 0.7
def conv1d_params():
    return {"conv1": 336, "conv2": 2560, "conv3": 10240, "dense1": 483328, "dense2": 640}
