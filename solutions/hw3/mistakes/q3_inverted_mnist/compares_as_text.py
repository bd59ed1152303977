# expects: q3g -> "control" 0
# Nothing is trained either: only the table counts here.
def compare_alphas(accuracies):
    best = max(accuracies, key=accuracies.get)
    return {"best": float(best), "chance": [float(a) for a in sorted(accuracies) if accuracies[a] <= 0.35]}


def train_alpha(net, X, y, seed):
    return []
