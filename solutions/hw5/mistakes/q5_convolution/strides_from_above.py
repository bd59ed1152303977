# expects: q5 -> "above" 7/8
def receptive_field(layers):
    seen = 1
    for k, stride in layers:
        seen = (seen - 1) * stride + k
    return seen
