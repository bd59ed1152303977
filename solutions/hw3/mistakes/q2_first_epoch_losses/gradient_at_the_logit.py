# expects: q2a.code -> "logit" 5/6
_whole = bce


def bce(p, y, eps=1e-12):
    return _whole(p, y, eps)[0], (p - y) / p.size
