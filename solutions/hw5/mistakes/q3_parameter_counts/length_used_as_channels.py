# expects: q3a.params -> "length" 0.616
# expects: q3a.total -> "follow" 0.7
# Three of five cells earn a fifth each; the dense layers are right.
def conv1d_params():
    return {"conv1": 24016, "conv2": 39872, "conv3": 39104, "dense1": 483456, "dense2": 645}
