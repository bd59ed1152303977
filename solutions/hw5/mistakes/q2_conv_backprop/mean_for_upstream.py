# expects: q2.dF -> "mean" 0.6
# expects: q2.dX -> "mean" 31/45
_filter, _input = grad_filter, grad_input
_g = np.sum(np.array(GIVEN["F"]) * np.array(grad_filter())) / GIVEN["upstream"]


def grad_filter():
    return (np.array(_filter()) * _g / GIVEN["upstream"]).tolist()


def grad_input():
    return (np.array(_input()) * _g / GIVEN["upstream"]).tolist()
