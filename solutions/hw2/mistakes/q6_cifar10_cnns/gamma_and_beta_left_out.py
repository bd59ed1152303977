# expects: q6b -> "scale" 0.65
def batch_norm_1d(x, gamma, beta, eps):
    return (x - x.mean(0)) / np.sqrt(x.var(0) + eps)
