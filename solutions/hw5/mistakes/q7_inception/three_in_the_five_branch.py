# expects: q7d -> "five" 0.7
_Right = Inception


class Inception(_Right):
    def __init__(self, cin, c1, r3, c3, r5, c5, pp):
        super().__init__(cin, c1, r3, c3, r5, c5, pp)
        self.five = nn.Conv2d(r5, c5, 3, padding=1)
