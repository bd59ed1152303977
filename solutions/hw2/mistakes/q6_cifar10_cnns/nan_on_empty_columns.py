# expects: q6d -> "empty" 0.75
def report_from_cm(cm):
    with np.errstate(all="ignore"):
        precision, recall = np.diagonal(cm) / cm.sum(0), np.diagonal(cm) / cm.sum(1)
        values = {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall)}
    return {**values, "accuracy": np.trace(cm) / cm.sum(), "macro": {k: v.mean() for k, v in values.items()}}
