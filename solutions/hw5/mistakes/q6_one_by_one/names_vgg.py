# expects: q6t -> "without" 0
def used_in():
    return ["resnet", "inception", "vgg16"]
