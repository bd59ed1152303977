# expects: q4b -> "pooled" 0.2
# No global pooling: the dense layer fits images of 32 x 32 alone, which the scans happen to be.
def build_sequential(n_classes):
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 8 * 8, n_classes),
    )
