# expects: q1c.code -> "unchained" 0.9
_slopes_of = act_grad


def act_grad(name, x, **p):
    if name != "swish":
        return _slopes_of(name, x, **p)
    s = np.exp(-np.logaddexp(0, -p.get("beta", 1) * x))
    return s + x * s * (1 - s)
