# expects: q2a -> "added" 0.5
# expects: q2b -> 0.8
def table():
    return [[left + right for right in GIVEN["b"]] for left in GIVEN["a"]]
