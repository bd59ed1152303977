# expects: q6th -> "parameters" 0.5
def bottleneck_saving(cin, mid, cout, k, h, w):
    return (cin * k * k + 1) * cout / ((cin + 1) * mid + (mid * k * k + 1) * cout)
