# expects: q3f -> "negated" 0.5
def affine_sum(f, x):
    return (f(x) + f(-x)).detach().numpy()
