# expects: q3c -> "right label" 0
# One layer on all pixels learns no features: it stays below the bar.
def build_head(kind):
    head = {"one_sigmoid": _Against(0.0), "two_softmax": nn.Identity(), "one_linear": _Against(0.5)}[kind]
    return nn.Sequential(_Normalise(), nn.Flatten(), nn.Linear(3072, 2 if kind == "two_softmax" else 1), head)


def train_head(net, kind, X, y, seed):
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    order = torch.Generator().manual_seed(seed)
    losses = []
    for _ in range(12):
        for rows in torch.randperm(len(X), generator=order).split(64):
            loss = _loss(kind, net(X[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    return losses
