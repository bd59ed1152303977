# expects: q6a -> "convs" 0.5
class _Listed(nn.Module):
    def __init__(self):
        super().__init__()
        self.convolutions = [nn.Conv2d(3, 6, 5), nn.Conv2d(6, 16, 5)]
        self.dense = nn.Linear(400, 10)

    def forward(self, x):
        x = x if x.is_floating_point() else x / 255
        for convolution in self.convolutions:
            x = F.max_pool2d(F.relu(convolution(x)), 2)
        return self.dense(x.flatten(1))


def build_model1():
    return _Listed()
