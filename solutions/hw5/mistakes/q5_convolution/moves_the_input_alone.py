# expects: q5 -> "invariant" 0.7
def shift_error(conv, x, dx):
    edge = x.shape[3] // 4
    with torch.no_grad():
        gap = conv(torch.roll(x, dx, 3)) - conv(x)
    return gap[..., edge : x.shape[3] - edge].abs().max().item()


def rotation_error(conv, x):
    with torch.no_grad():
        return (conv(torch.rot90(x, 1, (2, 3))) - conv(x)).abs().max().item()
