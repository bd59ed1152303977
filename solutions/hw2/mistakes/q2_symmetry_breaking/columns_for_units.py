# expects: q2b -> "mean_row" 0.7
def hidden_spread(W):
    return (W.T - W.mean(dim=1)).norm(dim=1).max().item()
