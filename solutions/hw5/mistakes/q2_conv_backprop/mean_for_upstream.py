# expects: q2.dF -> "mean" 0.6
# expects: q2.dX -> "mean" 31/45
# expects: q2.code -> "mean" 0.4
_filter, _input, _both = grad_filter, grad_input, conv_gap_backward
_g = np.sum(np.array(GIVEN["F"]) * np.array(grad_filter())) / GIVEN["upstream"]


def grad_filter():
    return (np.array(_filter()) * _g / GIVEN["upstream"]).tolist()


def grad_input():
    return (np.array(_input()) * _g / GIVEN["upstream"]).tolist()


def conv_gap_backward(X, F):
    dX, dF = _both(X, F)
    return dX * np.sum(F * dF), dF * np.sum(F * dF)
