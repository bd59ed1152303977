# expects: q3a.params -> "unasked" 0.92
def conv1d_count(cin, cout, k, bias=True):
    return cout * cin * k + cout
