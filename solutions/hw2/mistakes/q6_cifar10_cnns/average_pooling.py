# expects: q6a -> "averaged" 0.5
_build_with_maxima = build_model1


def build_model1():
    return nn.Sequential(*(nn.AvgPool2d(2) if isinstance(x, nn.MaxPool2d) else x for x in _build_with_maxima()))
