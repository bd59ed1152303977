# expects: q6a -> "bytes" 0.8
# expects: q6c -> "bytes" 0.9
# expects: q6f -> "bytes" 0
# The networks take floats alone; the bytes are divided where they are trained.
class _Normalise(nn.Module):
    def forward(self, x):
        return (x - 0.47) / 0.25 if x.is_floating_point() else x


_train_floats = train_cifar


def train_cifar(net, X, y, seed):
    return _train_floats(net, X.float() / 255, y, seed)
