# expects: q6th -> "inverted" 0
def bottleneck_saving(cin, mid, cout, k, h, w):
    return (cin * mid + mid * cout * k * k) / (cin * cout * k * k)
