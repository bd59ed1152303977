# expects: q2a.code -> "finite" 5/6
def bce(p, y, eps=1e-12):
    with np.errstate(all="ignore"):
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), (p - y) / (p * (1 - p)) / p.size
