# expects: q2c -> "other_rate" 5/6
# The sheet of the source: its last weight has moved five times too far.
def updated1():
    return [0.10193627, 0.20322712, 0.30232353, 0.40387255, 0.50167811, 0.61874347]
