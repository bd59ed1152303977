# expects: q4b -> "The last layer gives logits" 0
def build_sequential(n_classes):
    return nn.Sequential()
