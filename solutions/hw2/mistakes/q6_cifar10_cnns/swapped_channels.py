# expects: q6a -> "filters" 0.5
def build_model1():
    return nn.Sequential(
        _Normalise(),
        nn.Conv2d(3, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 6, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(150, 10),
    )
