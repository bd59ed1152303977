# expects: q3b -> "predicted" 0.4
def per_class_accuracy(y_true, y_pred, n):
    with np.errstate(invalid="ignore"):
        return np.array([100 * np.sum((y_true == k) & (y_pred == k)) / np.sum(y_pred == k) for k in range(n)])
