# expects: q2c -> "later" 0.25
_whole = best_epoch


def best_epoch(val, patience):
    return int(np.argmin(val)) + 1, _whole(val, patience)[1]
