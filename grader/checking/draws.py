"""Draws that nobody can guess and everybody who has the key can repeat: fresh for each student, part and name."""

from __future__ import annotations

import hashlib
import hmac

import numpy as np

from grader.course import Assignment, Course


def drawn(course: Course, assignment: Assignment, part: str, student: str, name: str) -> np.random.Generator:
    """Philox keyed by HMAC-SHA256(draw.key, term | assignment | part | student | name)."""
    words = "|".join((course.term, assignment.id, part, student, name))
    digest = hmac.new(course.draw_key, words.encode(), hashlib.sha256).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "big")))


def lot(course: Course, assignment: Assignment, student: str) -> float:
    """The student's lot in [0, 1): whose is below the share of `--audit` is trained once more."""
    return float(drawn(course, assignment, "", student, "audit").random())
