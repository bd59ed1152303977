# expects: q6a -> "logits" 0.8
# expects: q6c -> "logits" 0.9
_build_logits1, _build_logits3 = build_model1, build_model3


def build_model1():
    return nn.Sequential(_build_logits1(), nn.Softmax(dim=1))


def build_model3():
    return nn.Sequential(_build_logits3(), nn.LogSoftmax(dim=1))
