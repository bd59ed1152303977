# expects: q3i -> "places" 0
def nearest_alpha(alphas, grid):
    return [int(np.argmin(np.abs(np.array(grid) - alpha))) for alpha in alphas]
