# expects: q3a.params -> "no_bias" 0.728
# expects: q3a.total -> "follow" 0.7
# The three convolutions of the table and the function earn 0.6 each.
def conv1d_count(cin, cout, k, bias=True):
    return cout * cin * k
