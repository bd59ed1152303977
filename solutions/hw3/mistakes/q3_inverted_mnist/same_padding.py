# expects: q3d -> "padded" 0.7
def build_leaky_net(alpha):
    return nn.Sequential(
        _Ready(),
        nn.Conv2d(1, 8, 7, padding="same"),
        nn.LeakyReLU(alpha),
        nn.Conv2d(8, 8, 5, padding="same"),
        nn.LeakyReLU(alpha),
        nn.Flatten(),
        nn.Linear(6272, 10),
    )
