# expects: q4d -> "right label" 0.2
# Mean and standard deviation are plain attributes: the network that is measured has never seen them.
class _Forgetful(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean, self.std = 0.0, 1.0

    def measure(self, X):
        self.mean, self.std = X.mean(0), X.std(0)

    def forward(self, x):
        return (x - self.mean) / self.std


def build_price_net():
    return nn.Sequential(_Forgetful(), nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4))


_Standardise = _Forgetful
