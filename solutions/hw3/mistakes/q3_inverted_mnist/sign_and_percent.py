# expects: q3f -> "negative" 53/60
_right = alpha_one


def alpha_one():
    answer = _right()
    return {**answer, "best_loss": -answer["best_loss"], "best_acc": round(100 * answer["best_acc"], 1)}
