# expects: q6t -> "two_models" 0
def used_in():
    return ["resnet", "GoogLeNet"]
