# expects: q6a -> "plain" 0.5
def build_model1():
    return build_model2()
