# expects: q3b -> "flat_kernel" 0.7
def conv_nd_params(cin, cout, kernel):
    return cout * cin * kernel[-2] * kernel[-1] + cout
