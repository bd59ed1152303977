# expects: q5b -> "undecided" 0.6
def winner_table(diffs):
    return ["relu" if a >= 0 >= b else "lrelu" if a <= 0 <= b else "tie" for a, b in diffs]
