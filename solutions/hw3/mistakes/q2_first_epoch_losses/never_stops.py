# expects: q2c -> "never" 0.25
def best_epoch(val, patience):
    return int(np.argmin(val)) + 1, len(val)
