# expects: q4c -> "shared" 0.8
def copy_weights(seq, fun):
    fun.first, fun.second, fun.head = (layer for layer in seq if isinstance(layer, nn.Conv2d | nn.Linear))
