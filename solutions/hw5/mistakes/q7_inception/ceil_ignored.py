# expects: q7b -> "ceil" 0.7
# expects: q7e -> 0
def conv_out(n, k, stride, padding, dilation=1, ceil=False):
    return (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1


def train_inception(net, X, y, seed):  # left unwritten: this file is about another part, and training takes a minute
    raise NotImplementedError("q7e: not written yet")
