# expects: q1t.auto -> "farther" 0.8
def loss_curve(batch, seed):
    (A, y), w, losses = least_squares(seed), np.zeros(COLUMNS), []
    for rows in batch_rows(batch, seed):
        error = A[rows] @ w - y[rows]
        losses.append(np.sum(error**2) / (2 * batch))
        w = w - RATE * 2 * A[rows].T @ error / batch
    return losses
