"""The templates of the student's and the instructor's page, and how text and charts are put into them."""
