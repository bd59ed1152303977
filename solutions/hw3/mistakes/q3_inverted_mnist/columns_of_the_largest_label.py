# expects: q3c -> "columns" 0.6
def prepare(x, y, n_classes=10):
    return (x[..., None] / 255).astype(np.float32), np.eye(y.max() + 1, dtype=np.float32)[y]
