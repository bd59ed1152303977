# expects: q4a -> "always_one" 0
def price_head():
    return {"task": "classification", "neurons": 1, "activation": "softmax", "loss": "categorical_crossentropy"}
