# expects: q3b -> "bias_everywhere" 0.6
import math


def conv_nd_params(cin, cout, kernel):
    return (cin + 1) * cout * math.prod(kernel)
