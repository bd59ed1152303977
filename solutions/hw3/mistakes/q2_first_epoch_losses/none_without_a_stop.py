# expects: q2c -> 0
_whole = best_epoch


def best_epoch(val, patience):
    best, stop = _whole(val, patience)
    return best, stop if stop - best == patience else None
