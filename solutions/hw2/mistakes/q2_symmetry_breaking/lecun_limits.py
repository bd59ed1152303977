# expects: q2c -> "lecun" 0.4
def xavier_limits(fan_in, fan_out):
    return (3 / fan_in) ** 0.5, (1 / fan_in) ** 0.5
