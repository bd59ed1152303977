# expects: q4a -> "whole_batch" 0.21
def softmax_ce(logits, y):
    rows, p = np.arange(len(y)), np.exp(logits - logits.max())
    p /= p.sum()
    return -np.log(p[rows, y]).mean(), (p - np.eye(logits.shape[1])[y]) / len(y)
