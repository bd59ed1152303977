# expects: q4a -> "3 right" 0.5
# A yes or no for each range instead of each boundary between two.
def price_head():
    return {"task": "ordinal", "neurons": 4, "activation": "sigmoid", "loss": "binary_crossentropy"}
