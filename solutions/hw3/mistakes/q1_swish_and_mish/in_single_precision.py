# expects: q1a -> "rounded too early" 19/32
def swish(x):
    x = np.asarray(x, dtype=np.float32)
    return x / (1 + np.exp(-x))


def mish(x):
    x = np.asarray(x, dtype=np.float32)
    return x * np.tanh(np.log1p(np.exp(x)))
