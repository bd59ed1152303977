# expects: q1e -> "whole" 0.5
def mish_delta():
    return "swish(x) / cosh(softplus(x))^2"
