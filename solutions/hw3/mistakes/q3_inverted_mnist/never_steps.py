# expects: q3g -> "control" 0.2
def train_alpha(net, X, y, seed):
    return [float(F.cross_entropy(net(X[:100]), y[:100]))]
