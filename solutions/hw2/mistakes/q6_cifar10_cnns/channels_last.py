# expects: q6a -> "raised" 0
class _Turned(nn.Module):
    def forward(self, x):
        return x.permute(0, 3, 1, 2)


_build_channels_first = build_model1


def build_model1():
    return nn.Sequential(_Turned(), *_build_channels_first())
