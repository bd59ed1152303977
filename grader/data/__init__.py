"""The data sets: their cards, where they come from, and the arrays that a training gets."""
