# expects: q2b -> "farthest" 0.75
def hidden_spread(W):
    return (W - W.mean(dim=0)).norm(dim=1).mean().item()
