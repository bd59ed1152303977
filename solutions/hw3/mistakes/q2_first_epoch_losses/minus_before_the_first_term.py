# expects: q2a.code -> "brackets" 53/60
_whole = bce


def bce(p, y, eps=1e-12):
    _, dp = _whole(p, y, eps)
    p = np.clip(p, eps, 1 - eps)
    return -np.mean(y * np.log(p)) + np.mean((1 - y) * np.log(1 - p)), dp
