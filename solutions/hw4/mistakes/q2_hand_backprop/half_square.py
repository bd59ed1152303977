# expects: q2a -> "half" 57/64
def forward1():
    return {"h1": 1.3, "h2": 2.9, "z": 2.39, "p": 0.9160616, "L": 0.0035228}
