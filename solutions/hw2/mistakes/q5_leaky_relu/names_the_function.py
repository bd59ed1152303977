# expects: q5a -> "leaky_relu" 0
def leaky_relu_expr():
    return "leaky_relu(x, m)"
