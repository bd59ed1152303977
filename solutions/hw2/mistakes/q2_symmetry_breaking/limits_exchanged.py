# expects: q2c -> "exchanged" 0.5
def xavier_limits(fan_in, fan_out):
    total = fan_in + fan_out
    return (2 / total) ** 0.5, (6 / total) ** 0.5
