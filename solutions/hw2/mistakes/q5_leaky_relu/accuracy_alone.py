# expects: q5b -> "one_measure" 0.6
def winner_table(diffs):
    return ["relu" if a > 0 else "lrelu" for a, b in diffs]
