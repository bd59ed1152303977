# expects: q7d -> "pool" 0.4
_Right = Inception


class Inception(_Right):
    def __init__(self, cin, c1, r3, c3, r5, c5, pp):
        super().__init__(cin, c1, r3, c3, r5, c5, pp)
        self.pool = nn.MaxPool2d(3, stride=1)
