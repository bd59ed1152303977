# expects: q7d -> "pooling" 5/7
_Right = Inception


class Inception(_Right):
    def forward(self, x):
        one = F.relu(self.one(x))
        three = F.relu(self.three(F.relu(self.reduce_three(x))))
        five = F.relu(self.five(F.relu(self.reduce_five(x))))
        return torch.cat([one, three, five, self.pool(F.relu(self.pooled(x)))], dim=1)
