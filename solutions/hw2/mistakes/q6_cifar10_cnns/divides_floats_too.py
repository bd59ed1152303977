# expects: q6c -> "inside" 0.9
_Plain = build_model3


class _Divided(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = _Plain()

    def forward(self, x):
        return self.net(x.float() / 255)


def build_model3():
    return _Divided()
