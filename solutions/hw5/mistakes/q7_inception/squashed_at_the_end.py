# expects: q7d -> "values" 5/7
_Right = Inception


class Inception(_Right):
    def forward(self, x):
        return torch.sigmoid(super().forward(x))
