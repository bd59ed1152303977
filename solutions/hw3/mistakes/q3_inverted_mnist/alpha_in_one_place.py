# expects: q3d -> "alpha" 5/6
def build_leaky_net(alpha):
    return _network(nn.LeakyReLU(alpha), nn.ReLU())
