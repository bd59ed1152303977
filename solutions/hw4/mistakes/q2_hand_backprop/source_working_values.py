# expects: q2c -> "other_rate" 2/3
# expects: q2d -> "other_rate" 0.7
# How the source came by its numbers: five times the learning rate for w6 in both epochs, and for w5 in the first.
def updated1():
    return [0.10193627, 0.20322712, 0.30232353, 0.40387255, 0.50839055, 0.61871735]


def epoch2():
    return {"p": 0.9229156, "w": [0.1036091, 0.2060151, 0.3043593, 0.4072656, 0.5098404, 0.6347653]}
