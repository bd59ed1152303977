# expects: q3d -> "rectified" 2/3
_build_unrectified = build_leaky_net


def build_leaky_net(alpha):
    return nn.Sequential(*_build_unrectified(alpha), nn.ReLU())
