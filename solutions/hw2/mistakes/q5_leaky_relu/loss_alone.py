# expects: q5b -> "one_measure" 0.6
def winner_table(diffs):
    return ["relu" if b < 0 else "lrelu" if b > 0 else "tie" for a, b in diffs]
