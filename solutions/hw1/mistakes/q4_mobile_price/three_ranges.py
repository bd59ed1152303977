# expects: q4a -> "3 right" 0.5
# One range too few, and nothing else.
def price_head():
    return {"task": "classification", "neurons": 3, "activation": "softmax", "loss": "categorical_crossentropy"}
