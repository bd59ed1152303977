# expects: q3d -> "maximum" 5/6
def build_leaky_net(alpha):
    class Larger(nn.Module):
        def forward(self, v):
            return torch.maximum(v, alpha * v)

    return _network(Larger(), Larger())
