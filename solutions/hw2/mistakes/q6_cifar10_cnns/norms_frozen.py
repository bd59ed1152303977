# expects: q6b -> "frozen" 0.875
_build_learning = build_model2


class _Frozen(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = _build_learning()

    def forward(self, x):
        for layer in self.net:
            x = layer.eval()(x)
        return x


def build_model2():
    return _Frozen()
