# expects: q3a.shapes -> "kept" 0.4
# expects: q3a.params -> "follow" 0.968
# expects: q3a.total -> "follow" 0.7
def conv1d_shapes():
    return [(500, 16), (250, 16), (250, 32), (125, 32), (125, 64), (62, 64), 3968, 128, 5]
