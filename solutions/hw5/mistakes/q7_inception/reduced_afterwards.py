# expects: q7d -> "before" 0.5
_Right = Inception


class Inception(_Right):
    def __init__(self, cin, c1, r3, c3, r5, c5, pp):
        super().__init__(cin, c1, r3, c3, r5, c5, pp)
        self.reduce_three, self.three = nn.Conv2d(cin, r3, 3, padding=1), nn.Conv2d(r3, c3, 1)
        self.reduce_five, self.five = nn.Conv2d(cin, r5, 5, padding=2), nn.Conv2d(r5, c5, 1)
