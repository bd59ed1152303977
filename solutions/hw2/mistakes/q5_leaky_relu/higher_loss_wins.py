# expects: q5b -> "low_loss" 0
def winner_table(diffs):
    return ["relu" if a > 0 and b > 0 else "lrelu" if a < 0 and b < 0 else "tie" for a, b in diffs]
