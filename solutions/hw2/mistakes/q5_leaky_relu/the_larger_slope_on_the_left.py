# expects: q5a -> "x =" 0
def leaky_relu_expr():
    return "min(x, m*x)"
