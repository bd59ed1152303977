# expects: q5 -> "mean" 7/8
def rotation_error(conv, x):
    with torch.no_grad():
        return (conv(torch.rot90(x, 1, (2, 3))) - torch.rot90(conv(x), 1, (2, 3))).abs().mean().item()
