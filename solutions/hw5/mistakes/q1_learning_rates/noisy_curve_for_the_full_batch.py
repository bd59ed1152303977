# expects: q1t -> "reversed" 0
import numpy as np


def which_curve(a, b):
    return {"batch": "a" if np.sum(np.diff(a) > 0) > np.sum(np.diff(b) > 0) else "b"}
