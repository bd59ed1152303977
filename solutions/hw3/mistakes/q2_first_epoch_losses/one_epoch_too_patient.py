# expects: q2c -> "patient" 0.625
_whole = best_epoch


def best_epoch(val, patience):
    return _whole(val, patience + 1)
