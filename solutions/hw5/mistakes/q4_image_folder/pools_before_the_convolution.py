# expects: q4c -> "pooling" 0.5
class FunctionalNet(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.first = nn.Conv2d(3, 16, 3, padding=1)
        self.second = nn.Conv2d(16, 32, 3, padding=1)
        self.head = nn.Linear(32, n_classes)

    def forward(self, x):
        x = F.relu(self.first(F.max_pool2d(x, 2)))
        x = F.relu(self.second(F.max_pool2d(x, 2)))
        return self.head(x.mean(dim=(2, 3)))
