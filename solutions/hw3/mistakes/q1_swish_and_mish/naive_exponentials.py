# expects: q1a -> "lost" 19/24
def swish(x):
    return x / (1 + np.exp(-x))


def mish(x):
    return x * np.tanh(np.log(1 + np.exp(x)))
