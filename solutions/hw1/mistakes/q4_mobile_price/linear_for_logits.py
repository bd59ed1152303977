# expects: q4a -> "bare" 0.5
def price_head():
    return {"task": "classification", "neurons": 4, "activation": "linear", "loss": "categorical_crossentropy"}
