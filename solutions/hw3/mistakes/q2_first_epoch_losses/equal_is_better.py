# expects: q2c -> "ties" 0.8
def best_epoch(val, patience):
    best = 0
    for epoch, loss in enumerate(val):
        if loss <= val[best]:
            best = epoch
        elif epoch - best >= patience:
            return best + 1, epoch + 1
    return best + 1, len(val)
