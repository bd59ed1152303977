# expects: q4.choice -> "saturates" 2/3
def loss_choice():
    return {
        "classification": "cross_entropy",
        "regression": "mse",
        "gaussian_target_mle": "mse",
        "softmax_mle": "cross_entropy",
        "third_option": "margin",
        "mse_with_sigmoid_recommended": True,
    }
