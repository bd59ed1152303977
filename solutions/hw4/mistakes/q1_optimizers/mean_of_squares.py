# expects: q1b -> "mean" 0.5
def adagrad_lr(history, lr, eps):
    return lr / ((history**2).mean(axis=0) ** 0.5 + eps)
