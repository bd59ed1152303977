# expects: q1c.code -> "defaults" 11/12
_slopes_of = act_grad


def act_grad(name, x, **p):
    return _slopes_of(name, x, **({"k": 0.1} | p if name == "leaky_relu" else p))
