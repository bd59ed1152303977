# expects: q4.choice -> "density" 0
def loss_choice():
    words = ["classification", "regression", "gaussian_target_mle", "softmax_mle", "third_option"]
    return dict.fromkeys(words, "cross_entropy") | {"mse_with_sigmoid_recommended": False}
