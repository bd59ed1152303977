# expects: q2c -> "he" 0.4
def xavier_limits(fan_in, fan_out):
    return (6 / fan_in) ** 0.5, (2 / fan_in) ** 0.5
