# expects: q3h -> "channels" 0.5
def build_prelu_net(shared):
    first = nn.PReLU()
    return _network(first, first if shared else nn.PReLU())
