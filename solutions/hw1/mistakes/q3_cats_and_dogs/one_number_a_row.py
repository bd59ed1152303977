# expects: q3c -> "scores" 0
def build_head(kind):
    return nn.Sequential(nn.Flatten(), _Normalise(), nn.Linear(3072, 1))
