# expects: q2b -> "mean_row" 0.7
def hidden_spread(W):
    return (W - W.mean(1, keepdim=True)).norm(dim=1).max().item()
