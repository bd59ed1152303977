"""The templates of feedback page, report, marking sheet and nbgrader's cells, and how text is put into them."""
