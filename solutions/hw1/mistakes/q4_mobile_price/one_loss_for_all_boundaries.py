# expects: q4a -> "3 right" 0.5
# Three boundaries, but their answers are compared as if they were one distribution.
def price_head():
    return {"task": "ordinal", "neurons": 3, "activation": "sigmoid", "loss": "categorical_crossentropy"}
