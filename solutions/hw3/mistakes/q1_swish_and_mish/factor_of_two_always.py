# expects: q1d -> "factor" 0.5
def swish_beta_limits(factor=2):
    return {"beta0": "x", "beta_inf": "2*relu(x)"}
