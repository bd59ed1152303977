# expects: q6a -> "mode" 0.8
# expects: q6c -> "mode" 0.9
# expects: q6b -> "chance" 0.875
# expects: q6f -> "mode" 0
_network_without = _network


class _Dropout(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.9)


def _network(channels, k, widths, normalise=False):
    layers = list(_network_without(channels, k, widths, normalise))
    return nn.Sequential(*layers[:-1], _Dropout(), layers[-1])


def train_cifar(net, X, y, seed):
    return [float(F.cross_entropy(net(X[:100]), y[:100]))]
