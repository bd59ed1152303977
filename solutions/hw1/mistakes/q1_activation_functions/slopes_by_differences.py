# expects: q1c.relu -> 0.25
# expects: q1c.leaky -> 0.25
# expects: q1c.elu -> 0.25
# expects: q1c.swish -> 0.25
# expects: q1c.mish -> 0.25
def _by_differences(f, h):
    return f"({f.replace('x', f'(x + {h})')} - {f.replace('x', f'(x - {h})')}) / (2*{h})"


def relu_pair():
    return {"f": "Max(x, 0)", "df": _by_differences("relu(x)", "10^(-30)")}


def leaky_pair():
    return {"f": "Max(x, k*x)", "df": _by_differences("leaky_relu(x, k)", "10^(-900)")}


def elu_pair():
    return {
        "f": "Piecewise((x, x > 0), (alpha*(exp(x) - 1), True))",
        "df": _by_differences("elu(x, alpha)", "10^(-80)"),
    }


def swish_pair():
    return {"f": "x*sigmoid(x)", "df": _by_differences("swish(x)", "10^(-9)")}


def mish_pair():
    return {"f": "x*tanh(softplus(x))", "df": _by_differences("mish(x)", "10^(-30)")}
