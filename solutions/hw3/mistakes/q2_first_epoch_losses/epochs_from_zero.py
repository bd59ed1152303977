# expects: q2c -> "from_zero" 0.7
_whole = best_epoch


def best_epoch(val, patience):
    best, stop = _whole(val, patience)
    return best - 1, stop - 1
