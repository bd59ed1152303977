# expects: q3f -> "minus" 0.5
def affine_sum(f, x):
    return (f(x) - f(1 - x)).detach().numpy()
