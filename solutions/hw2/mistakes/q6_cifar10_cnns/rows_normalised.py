# expects: q6b -> "rows" 0.5
def batch_norm_1d(x, gamma, beta, eps):
    mean, variance = x.mean(1, keepdims=True), x.var(1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(variance + eps) + beta
