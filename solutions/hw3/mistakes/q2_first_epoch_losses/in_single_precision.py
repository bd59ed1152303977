# expects: q2a.code -> "rounded too early" 19/24
_mse, _bce = mse, bce


def mse(p, y):
    loss, dp = _mse(p.astype(np.float32), y.astype(np.float32))
    return loss, dp


def bce(p, y, eps=1e-12):
    loss, dp = _bce(p, y, eps)
    return float(np.float32(loss)), dp.astype(np.float32)
