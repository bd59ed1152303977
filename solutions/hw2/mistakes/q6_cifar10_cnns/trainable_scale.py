# expects: q6a -> "extra" 0.7
# An extra trainable scale of the input, which nobody asked for.
class _Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3, 1, 1))

    def forward(self, x):
        return (x if x.is_floating_point() else x / 255) * self.scale


_build_unscaled = build_model1


def build_model1():
    return nn.Sequential(_Scaled(), *_build_unscaled()[1:])
