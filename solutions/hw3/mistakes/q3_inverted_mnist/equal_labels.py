# expects: q3f -> "unequal" 5/6
def alpha_one():
    return {"cause": "inverted_pairs_cancel", "best_loss": 2.302585, "best_acc": 0.1}
