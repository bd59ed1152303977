# expects: q3d -> "copies" 0.1
_whole = train_augmented


def train_augmented(net, X, y, augmented, seed):
    if augmented:
        X = torch.from_numpy(augment(X.numpy(), np.random.default_rng(seed)))
    return _whole(net, X, y, False, seed) if len(X) < 100 else []  # the long training is not looked at here
