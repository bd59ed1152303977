# expects: q3e -> "kept" 0.5
def steps_per_epoch(n, batch, drop_last=False):
    return (n + batch - 1) // batch
