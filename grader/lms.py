"""The names that learning platforms give to the files in their "download all" archives: whose each file is."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Jane Doe_12345_assignsubmission_file_/hw5.zip, or with the file's name right behind where folders were not asked for.
# The first number counts: a student may call a file roe_9_assignsubmission_file_q1.py.
_MOODLE = re.compile(r"(?P<name>[^/]+?)_(?P<student>[0-9]+)_assignsubmission_file_?/?(?P<file>.*)", re.DOTALL)
# What else Moodle puts beside it, Jane Doe_12345_assignsubmission_onlinetext_ for one
_MOODLES = re.compile(r"[^/]+_[0-9]+_assign(submission|feedback)_.*", re.DOTALL)
# doejane_12345_67890_hw5.zip and doejane_LATE_12345_67890_hw5.zip: name, user, upload, file
_CANVAS = re.compile(
    r"(?P<name>[^/_]+)_(?P<late>LATE_)?(?P<student>[0-9]+)_(?P<upload>[0-9]+)_(?P<file>[^/]+)", re.DOTALL
)


@dataclass(frozen=True)
class LmsName:
    """One file of a platform's download.

    `name` is the person's, with the group before it where Moodle has groups, `student` the platform's own number for
    the person, `file` the file's own name ("" for a folder). `upload` grows with every upload (0 where the platform
    does not say): of two hand-ins of one student the larger is the later.
    """

    name: str
    student: str
    file: str
    upload: int = 0
    late: bool = False


def lms_name(name: str) -> LmsName | None:
    """What a member's name in Moodle's or Canvas's download says; None for any other name.

    >>> lms_name("Jane Doe_12345_assignsubmission_file_/hw5.zip")
    LmsName(name='Jane Doe', student='12345', file='hw5.zip', upload=0, late=False)
    >>> lms_name("doejane_LATE_123_678_hw5.zip")
    LmsName(name='doejane', student='123', file='hw5.zip', upload=678, late=True)
    """
    if moodle := _MOODLE.fullmatch(name):
        return LmsName(moodle["name"], moodle["student"], moodle["file"])
    if canvas := _CANVAS.fullmatch(name):
        upload, late = int(canvas["upload"][:18]), canvas["late"] is not None  # 18 digits: no number is longer
        return LmsName(canvas["name"], canvas["student"], canvas["file"], upload, late)
    return None


def is_platforms(name: str) -> bool:
    """Has a platform given this name, to a file that was handed in or to what it keeps beside them?

    >>> is_platforms("Jane Doe_12345_assignsubmission_onlinetext_"), is_platforms("s042")
    (True, False)
    """
    return _MOODLES.fullmatch(name) is not None or lms_name(name) is not None
