# expects: q3f -> "bits" 5/6
_alpha_one = alpha_one


def alpha_one():
    answer = _alpha_one()
    return {**answer, "best_loss": answer["best_loss"] / np.log(2)}
