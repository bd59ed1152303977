# expects: q5b -> "differ" 0
def winner_table(diffs):
    return ["relu" if a >= 0 >= b else "lrelu" if a <= 0 <= b else "tie" for a, b in diffs]
