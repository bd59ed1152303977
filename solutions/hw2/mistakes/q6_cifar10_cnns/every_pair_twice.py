# expects: q6e -> "pairs" 0
def most_confused(cm, names, k):
    K = len(names)
    pairs = [(names[i], names[j], int(cm[i, j] + cm[j, i])) for i in range(K) for j in range(K) if i != j]
    return sorted(pairs, key=lambda pair: pair[2], reverse=True)[:k]
