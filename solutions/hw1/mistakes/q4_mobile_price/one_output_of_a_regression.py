# expects: q4d -> "logits" 0
def build_price_net():
    return nn.Sequential(_Standardise(20), nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 1))


def train_price(net, X, y, seed):
    net[0].measure(X)
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(200):
        optimizer.zero_grad()
        loss = (net(X)[:, 0] - y).square().mean()
        loss.backward()
        optimizer.step()
    return [loss.item()]
