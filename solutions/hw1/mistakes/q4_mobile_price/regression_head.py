# expects: q4a -> "amount" 0.25
def price_head():
    return {"task": "regression", "neurons": 1, "activation": "linear", "loss": "mse"}
