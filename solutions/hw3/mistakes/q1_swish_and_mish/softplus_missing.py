# expects: q1a -> 0.5
# expects: q1a.plot -> "no_curve" 1/3
# expects: q1c.auto -> 0.5
def mish(x):
    return x * np.tanh(x)
