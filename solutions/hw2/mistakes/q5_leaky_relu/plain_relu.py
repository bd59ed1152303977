# expects: q5a -> "flat" 0.3
def leaky_relu_expr():
    return "Piecewise((x, x > 0), (0, True))"
