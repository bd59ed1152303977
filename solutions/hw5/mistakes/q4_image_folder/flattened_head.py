# expects: q4b -> "layers have other sizes" 0.4
# expects: q4d -> "raised" 0.5
# No global pooling: the dense layer fits one image size only, and another than the scans have.
def build_sequential(n_classes):
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 2 * 2, n_classes),
    )
