"""Results as other systems import them: Moodle, Canvas, Gradescope, and a plain table."""
