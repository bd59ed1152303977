# expects: q2a.code -> "one_sided" 2/3
def bce(p, y, eps=1e-12):
    clipped = np.clip(p, eps, 1 - eps)
    return -np.mean(y * np.log(clipped)), -y / clipped / p.size
