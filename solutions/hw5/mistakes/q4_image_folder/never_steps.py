# expects: q4d -> "names the right label" 0
def fit(net, X, y, epochs, seed):
    optimizer = torch.optim.Adam(net.parameters())
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(X), y)
        loss.backward()
        losses.append(loss.item())
    return losses
