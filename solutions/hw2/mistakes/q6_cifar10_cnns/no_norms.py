# expects: q6b -> "norms" 0.5
def build_model2():
    return build_model1()
