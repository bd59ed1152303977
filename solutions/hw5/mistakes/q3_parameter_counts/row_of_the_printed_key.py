# expects: q3a.shapes -> "repeated" 8/9
def conv1d_shapes():
    return [(498, 16), (249, 16), (245, 32), (122, 32), (245, 32), (59, 64), 3776, 128, 5]
