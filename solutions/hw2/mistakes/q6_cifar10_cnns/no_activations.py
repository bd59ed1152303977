# expects: q6a -> "no_relu" 0.2
# expects: q6c -> "bends" 0.6
def build_model1():
    return nn.Sequential(
        _Normalise(),
        nn.Conv2d(3, 6, 5),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 84),
        nn.Linear(84, 10),
    )


_build_rectified = build_model3


def build_model3():
    layers = list(_build_rectified())
    flat = next(place for place, layer in enumerate(layers) if isinstance(layer, nn.Flatten))
    return nn.Sequential(*layers[:flat], *(layer for layer in layers[flat:] if not isinstance(layer, nn.ReLU)))
