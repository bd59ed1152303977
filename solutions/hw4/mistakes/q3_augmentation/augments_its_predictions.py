# expects: q3d -> "random_eval" 0.3
class _Jittering(nn.Module):
    """Mirrors at random, whatever the mode."""

    def forward(self, x):
        return torch.where(torch.rand(len(x), 1, 1, 1) < 0.5, x.flip(3), x)


_whole = build_cnn


def build_cnn():
    return nn.Sequential(_Jittering(), *_whole())


_trained = train_augmented


def train_augmented(net, X, y, augmented, seed):
    return _trained(net, X, y, augmented, seed) if len(X) < 100 else []  # the long training is not looked at here
