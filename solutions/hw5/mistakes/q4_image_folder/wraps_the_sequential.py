# expects: q4c -> "wrapped" 0.4
class FunctionalNet(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.net = build_sequential(n_classes)

    def forward(self, x):
        return self.net(x)


def copy_weights(seq, fun):
    fun.net.load_state_dict(seq.state_dict())
