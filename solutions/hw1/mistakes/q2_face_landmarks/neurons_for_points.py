# expects: q2b -> "xy" 0.3
def read_head(net):
    last = net[-1]
    n = [layer for layer in net if isinstance(layer, nn.Linear)][-1].out_features // 2
    activation = "linear" if isinstance(last, nn.Linear) else type(last).__name__.lower()
    return {"n_points": n, "neurons": n, "activation": activation}
