# expects: q6b -> "rounded too early" 29/32
def batch_norm_1d(x, gamma, beta, eps):
    x = x.astype(np.float32)
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + np.float32(eps)) + beta
