# expects: q6a -> "inside" 0.8
# expects: q6c -> "inside" 0.9
# expects: q6f -> "inside" 0
# The networks turn bytes into floats and leave the division to the training, which never happens when they predict.
class _Normalise(nn.Module):
    def forward(self, x):
        return x.float() - 0.5


def train_cifar(net, X, y, seed):
    return [float(F.cross_entropy(net(X[:100].float() / 255), y[:100]))]
