# expects: q3a -> "global" 0.8
_whole = augment


def augment(x, rng):
    torch.manual_seed(int(rng.integers(2**31)))
    return _whole(x, np.random.default_rng(int(torch.randint(2**31, ()))))
