# expects: q5 -> "own_stride" 0.875
def receptive_field(layers):
    seen, spacing = 1, 1
    for k, stride in layers:
        spacing *= stride
        seen += (k - 1) * spacing
    return seen
