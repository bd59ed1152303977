# expects: q4c -> "range" 0.25
def standardize(train, test):
    low, spread = train.min(0), np.ptp(train, axis=0)
    spread[spread == 0] = 1
    return (train - low) / spread, (test - low) / spread
