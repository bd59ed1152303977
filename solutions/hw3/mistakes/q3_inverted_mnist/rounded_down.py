# expects: q3i -> 0
def nearest_alpha(alphas, grid):
    return [max((g for g in grid if g <= alpha), default=min(grid)) for alpha in alphas]
