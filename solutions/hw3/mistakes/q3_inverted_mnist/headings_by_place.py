# expects: q3g -> "headings" 0.8
def compare_alphas(accuracies):
    named = dict(zip(sorted(accuracies, key=float), accuracies.values(), strict=True))
    best = max(named, key=named.get)
    return {"best": float(best), "chance": sorted(float(a) for a in named if named[a] <= 0.35)}
