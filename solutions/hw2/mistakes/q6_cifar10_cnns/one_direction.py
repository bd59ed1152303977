# expects: q6e -> "one_way" 0.5
def most_confused(cm, names, k):
    K = len(names)
    pairs = [(names[i], names[j], int(cm[i, j])) for i in range(K) for j in range(i + 1, K)]
    return sorted(pairs, key=lambda pair: pair[2], reverse=True)[:k]
