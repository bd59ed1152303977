# expects: q5 -> "biases" 0.9
def conv_vs_dense_params(cin, cout, k, h, w):
    return cin * cout * k * k, cin * h * w * cout * h * w
