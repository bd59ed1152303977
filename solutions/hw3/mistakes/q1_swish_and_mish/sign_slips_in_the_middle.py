# expects: q1b.swish -> "Line 2" 0.9
def swish_prime_steps():
    return [
        "sigmoid(x) + x*sigmoid(x)*(1 - sigmoid(x))",
        "sigmoid(x) + x*sigmoid(x) + x*sigmoid(x)^2",
        "swish(x) + sigmoid(x)*(1 - swish(x))",
    ]
