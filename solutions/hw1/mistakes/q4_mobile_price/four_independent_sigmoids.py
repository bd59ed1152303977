# expects: q4a -> "several" 0.6
def price_head():
    return {"task": "classification", "neurons": 4, "activation": "Sigmoid", "loss": "binary-crossentropy"}
