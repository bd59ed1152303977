# expects: q6f -> "names the right label" 0
def train_cifar(net, X, y, seed):
    return [float(F.cross_entropy(net(X[:100]), y[:100]))]
