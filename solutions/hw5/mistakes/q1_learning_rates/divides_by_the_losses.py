# expects: q1t.auto -> "steps" 0.75
def increase_fraction(losses):
    return sum(losses[i + 1] > losses[i] for i in range(len(losses) - 1)) / len(losses)
