# expects: q6e -> "triples" 0
_pairs = most_confused


def most_confused(cm, names, k):
    return [(names.index(one), names.index(other), count) for one, other, count in _pairs(cm, names, k)]
