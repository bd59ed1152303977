# expects: q3e -> "full" 0.5
def steps_per_epoch(n, batch, drop_last=False):
    return n // batch if drop_last else n // batch + 1
