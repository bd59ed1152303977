# expects: q2c -> "variance" 0.5
def xavier_limits(fan_in, fan_out):
    return 6 / (fan_in + fan_out), 2 / (fan_in + fan_out)
