# expects: q2b -> "1 wrong" 1/3
def read_head(net):
    names = [type(layer).__name__ for layer in net]
    found = [name.lower() for name in names if name in ("Sigmoid", "Tanh", "ReLU")]
    neurons = [layer for layer in net if isinstance(layer, nn.Linear)][-1].out_features
    return {"n_points": neurons // 2, "neurons": neurons, "activation": found[0] if found else "linear"}
