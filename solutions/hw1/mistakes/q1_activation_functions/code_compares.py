# expects: q1c.code -> "whole" 11/12
_slopes_of = act_grad


def act_grad(name, x, **p):
    return x > 0 if name == "relu" else _slopes_of(name, x, **p)
