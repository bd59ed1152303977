# expects: q4b -> "logits" 0.8
_build_logits = build_sequential


def build_sequential(n_classes):
    return nn.Sequential(*_build_logits(n_classes), nn.Softmax(dim=1))
