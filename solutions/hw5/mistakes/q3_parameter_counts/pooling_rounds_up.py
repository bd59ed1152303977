# expects: q3a.shapes -> "rounded_up" 37/45
# expects: q3a.params -> "follow" 0.968
# expects: q3a.total -> "follow" 0.7
# One row is wrong; what follows from it earns its share: three rows, the first dense layer, and the total.
def conv1d_shapes():
    return [(498, 16), (249, 16), (245, 32), (123, 32), (119, 64), (60, 64), 3840, 128, 5]
