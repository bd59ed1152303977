# expects: q4d -> "right label" 0.2
def train_price(net, X, y, seed):
    return [nn.functional.cross_entropy(net(X), y).item()]
