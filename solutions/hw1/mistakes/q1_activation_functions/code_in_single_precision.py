# expects: q1c.code -> "precision" 11/12
_slopes_of = act_grad


def act_grad(name, x, **p):
    return _slopes_of(name, x, **p).astype(np.float32)
