# expects: q3a.params -> "square" 0.524
# expects: q3a.total -> "follow" 0.7
# The three convolutions of the table and the function earn 0.3 each.
def conv1d_count(cin, cout, k, bias=True):
    return cout * cin * k * k + (cout if bias else 0)
