# expects: q7d -> "branches" 6/7
_Right = Inception


class Inception(_Right):
    def forward(self, x):
        one = F.relu(self.one(x))
        three = F.relu(self.three(F.relu(self.reduce_three(x))))
        five = F.relu(self.five(F.relu(self.reduce_five(x))))
        return torch.cat([F.relu(self.pooled(self.pool(x))), one, three, five], dim=1)
