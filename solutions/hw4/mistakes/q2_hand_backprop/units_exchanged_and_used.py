# expects: q2b -> "exchanged" 179/240
# Two cells are lost, and four gradients follow from them.
# ruff: noqa: F821 (this is appended to the solution, whose names it uses)
_right = gradients1()


def gradients1():
    swapped = _right | {"dp_dh1": _right["dp_dh2"], "dp_dh2": _right["dp_dh1"]}
    by_weight = [swapped[unit] * swapped["dL_dp"] * i for unit in ("dp_dh1", "dp_dh2") for i in GIVEN["i"]]
    return swapped | {f"dL_dw{n}": slope for n, slope in enumerate(by_weight, 1)}
