# expects: q6b -> "whole" 0.5
def batch_norm_1d(x, gamma, beta, eps):
    return gamma * (x - np.mean(x)) / np.sqrt(np.var(x) + eps) + beta
