# expects: q2b -> "root" 0.75
def hidden_spread(W):
    return ((W - W.mean(dim=0)) ** 2).sum(dim=1).max().item()
