"""The names in Moodle's and Canvas's downloads."""

from __future__ import annotations

import pytest

from grader.lms import LmsName, lms_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Jane Doe_12345_assignsubmission_file_/hw5.zip", LmsName("Jane Doe", "12345", "hw5.zip")),
        ("Jane Doe_12345_assignsubmission_file_/a/b.py", LmsName("Jane Doe", "12345", "a/b.py")),
        ("Jane Doe_12345_assignsubmission_file_", LmsName("Jane Doe", "12345", "")),
        ("Jane Doe_12345_assignsubmission_file", LmsName("Jane Doe", "12345", "")),
        ("Jane Doe_12345_assignsubmission_file_hw5.zip", LmsName("Jane Doe", "12345", "hw5.zip")),
        ("de_la Cruz_7_assignsubmission_file_/x_9_y.py", LmsName("de_la Cruz", "7", "x_9_y.py")),
        ("علی رضایی_55_assignsubmission_file_/q.py", LmsName("علی رضایی", "55", "q.py")),
        ("doejane_123_678_hw5.zip", LmsName("doejane", "123", "hw5.zip", 678)),
        ("Group B-Jane Doe_12345_assignsubmission_file_/hw5.zip", LmsName("Group B-Jane Doe", "12345", "hw5.zip")),
        (
            "Jane Doe_12_assignsubmission_file_Roe_9_assignsubmission_file_q.py",  # Jane's own name for a file
            LmsName("Jane Doe", "12", "Roe_9_assignsubmission_file_q.py"),
        ),
        ("doejane_12_34_roe_56_78_q.py", LmsName("doejane", "12", "roe_56_78_q.py", 34)),
        ("doejane_LATE_123_678_my_hw5-1.zip", LmsName("doejane", "123", "my_hw5-1.zip", 678, True)),
    ],
)
def test_the_platforms_names_are_read(name: str, expected: LmsName) -> None:
    """Name, number and a file's name are found in what the platforms write."""
    assert lms_name(name) == expected


@pytest.mark.parametrize(
    "name",
    [
        "s042.zip",
        "q2_conv_backprop.py",
        "doejane_123_hw5.zip",
        "a/doejane_1_2_x.zip",
        "Jane_12_assignsubmission_onlinetext_",
        "",
    ],
)
def test_other_names_are_nobodys(name: str) -> None:
    """A name that no platform wrote is not guessed at."""
    assert lms_name(name) is None


def test_a_later_upload_has_the_larger_number() -> None:
    """Of two uploads of one student the larger upload number is the later one, however long it is."""
    early, late = lms_name("d_1_99_x.zip"), lms_name("d_1_100_x.zip")

    assert early is not None
    assert late is not None
    assert early.upload < late.upload
