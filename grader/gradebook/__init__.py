"""nbgrader's gradebook: one of its two doorways."""
