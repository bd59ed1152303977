# expects: q6c -> "ceiled" 0.5
def build_model3():
    return nn.Sequential(
        _Normalise(),
        nn.Conv2d(3, 30, 3),
        nn.ReLU(),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.Conv2d(30, 30, 3),
        nn.ReLU(),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.Flatten(),
        nn.Linear(1470, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 40),
        nn.ReLU(),
        nn.Linear(40, 10),
    )
