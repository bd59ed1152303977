# expects: q1d -> "thousand" 0.75
def swish_beta_limits(factor=2):
    return {"beta0": f"{factor / 2}*x", "beta_inf": "Max(0, x)"}
