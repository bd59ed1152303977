# expects: q6t -> "one_text" 0
def used_in():
    return "resnet, inception"
