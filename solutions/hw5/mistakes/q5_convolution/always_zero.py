# expects: q5 -> "measured" 0.75
def shift_error(conv, x, dx):
    return 0.0
