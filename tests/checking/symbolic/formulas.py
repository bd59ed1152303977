"""Formulas of one real symbol that several tests compare with."""

X = {"x": "real"}
SWISH = "sigmoid(x) + x*sigmoid(x)*(1 - sigmoid(x))"
MISH = "tanh(softplus(x)) + x*sech(softplus(x))**2*sigmoid(x)"
STEP = "Piecewise((1, x > 0), (0, True))"
