# expects: q5a -> "unmultiplied" 0.3
def leaky_relu_expr():
    return "max(x, m)"
