# expects: q2a -> "crossed" 0.5
# w1 and w3 into the first unit, w2 and w4 into the second; all else follows.
def forward1():
    return {"h1": 1.8, "h2": 2.6, "z": 2.46, "p": 0.92128966, "L": 0.00619532}
