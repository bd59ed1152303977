# expects: q6b -> "root" 0.85
def batch_norm_1d(x, gamma, beta, eps):
    return gamma * (x - x.mean(0)) / (x.std(0) + eps) + beta
