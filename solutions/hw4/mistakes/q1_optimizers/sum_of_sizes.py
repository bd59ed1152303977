# expects: q1b -> "absolute" 0.4
def adagrad_lr(history, lr, eps):
    return lr / (abs(history).sum(axis=0) + eps)
