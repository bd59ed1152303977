# expects: q3d -> "changed" 0.1
_whole = train_augmented


def train_augmented(net, X, y, augmented, seed):
    losses, rng = [], np.random.default_rng(seed)
    for _ in range(2 if len(X) < 100 else 0):  # the long training is not looked at here
        if augmented:
            X[:] = torch.from_numpy(augment(X.numpy(), rng))
        losses += _whole(net, X, y, False, seed)[:1]
    return losses
