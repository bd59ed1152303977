# expects: q7d -> "biases" 2/7
_Right = Inception


class Inception(_Right):
    def __init__(self, cin, c1, r3, c3, r5, c5, pp):
        super().__init__(cin, c1, r3, c3, r5, c5, pp)
        for layer in (self.one, self.reduce_three, self.three, self.reduce_five, self.five, self.pooled):
            layer.bias = None
