# expects: q6c -> "depth" 0.6
def build_model3():
    return _network((30, 30), 3, (1080, 120, 10))
