# expects: q5b -> "swapped" 0
def winner_table(diffs):
    return ["lrelu" if a > 0 > b else "relu" if a < 0 < b else "tie" for a, b in diffs]
