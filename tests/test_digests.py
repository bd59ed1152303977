"""Digests: what a finding rests on changes them, and nothing else does."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from grader.checking.verifier import Verifier
from grader.course import find_course
from grader.digests import data_digest, digest, files_digest, package_digest, rules_of, whose
from grader.records import Check, Submission
from tests.own_course import own_course
from tests.sample_course import ROOT, copied, solved

QUESTIONS = ("q1_rows", "q2_table")
CHECKS, SOLUTION, WORDS, VARIANTS = "test_q1_rows.py", "q1_rows.py", "q1_rows.fa.toml", "q2_table.variants.toml"


@pytest.fixture(scope="module")
def checks(verifier: Verifier) -> tuple[Check, ...]:
    return verifier.checks


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copied(tmp_path / "course")


def rules(folder: Path, checks: tuple[Check, ...]) -> dict[str, str]:
    return {rule.check.id: rule.digest for rule in rules_of(find_course(folder).assignment("hw1"), checks)}


def edited(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / "solutions" / "hw1" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


ALL = {"test_mean", "test_columns", "test_half"}
# (file, old, new) -> the checks whose rule is another afterwards
EDITS = {
    "the check itself": ((CHECKS, "sum(x.tolist()) / x.size", "x.sum() / x.size"), {"test_mean"}),
    "a hint": ((CHECKS, "This is the sum:", "That is a sum:"), {"test_mean"}),
    "what the check says": ((CHECKS, "The mean of any row is right.", "Every mean is right."), {"test_mean"}),
    "its points": ((CHECKS, '@points(1, part="q1c")', '@points(1.5, part="q1c")'), {"test_half"}),
    "an import that all use": ((CHECKS, "import close, hint", "import close, hint, same"), ALL),
    "a comment": ((CHECKS, '@points(1, part="q1c")', '# half\n@points(1, part="q1c")'), set()),
    "the solution": ((SOLUTION, "float32", "float64"), ALL),
    "the Persian of one check": ((WORDS, "میانگین هر سطر درست است.", "میانگین هر سطر درست است!"), {"test_mean"}),
    "another student's numbers": ((VARIANTS, "7", "9"), {"test_table", "test_total"}),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_rule_is_what_the_check_is_made_of(folder: Path, checks: tuple[Check, ...], edit: str) -> None:
    """The checks that an edit touches have another digest, and no others."""
    before = rules(folder, checks)
    (name, old, new), touched = EDITS[edit]
    edited(folder, name, old, new)

    after = rules(folder, checks)

    assert {check for check in before if before[check] != after[check]} == touched


def test_a_helper_belongs_to_the_checks_that_call_it(folder: Path, checks: tuple[Check, ...]) -> None:
    """Through other helpers, constants and fixtures of the same file too."""
    path = folder / "solutions" / "hw1" / CHECKS
    helpers = "SIZE = 4\n\n\ndef _rows():\n    return SIZE\n\n\ndef _deep():\n    return _rows()\n\n\n"
    text = path.read_text(encoding="utf-8").replace('@points(2, part="q1a")', helpers + '@points(2, part="q1a")')
    path.write_text(text.replace("size=(5, 4)", "size=(5, _deep())"), encoding="utf-8")
    before = rules(folder, checks)
    edited(folder, CHECKS, "SIZE = 4", "SIZE = 6")

    after = rules(folder, checks)

    assert {check for check in before if before[check] != after[check]} == {"test_columns"}


PREPARED = "def prepared():\n    SIZES[0] = 4\n\n\n"


@pytest.mark.parametrize(
    ("fixture", "mark", "touched"),
    [
        ("@pytest.fixture(autouse=True)\n", "", ALL),
        ("@pytest.fixture\n", "pytestmark = pytest.mark.usefixtures('prepared')\n", ALL),
        ("@pytest.fixture\n", "@pytest.mark.usefixtures('prepared')\n", {"test_columns"}),
        ("@pytest.fixture\n", "", set()),
    ],
)
def test_a_fixture_that_no_check_names_belongs_to_those_it_runs_with(
    folder: Path, checks: tuple[Check, ...], fixture: str, mark: str, touched: set[str]
) -> None:
    """With every check, with all of the file, or with the one that is marked."""
    top = "import pytest\n\nSIZES = [5]\n\n\n"
    path = folder / "solutions" / "hw1" / CHECKS
    text = path.read_text(encoding="utf-8")
    start = text.rindex("@points", 0, text.index("def test_columns"))
    path.write_text(f"{text[:start]}{top}{fixture}{PREPARED}{mark}{text[start:]}", encoding="utf-8")
    before = rules(folder, checks)
    edited(folder, CHECKS, "SIZES[0] = 4", "SIZES[0] = 6")

    after = rules(folder, checks)

    assert {check for check in before if before[check] != after[check]} == touched


def test_bars_belong_to_the_checks_that_ask_for_them(folder: Path, checks: tuple[Check, ...]) -> None:
    """The bars and their standard deviation decide; how long the reference took to train does not."""
    edited(folder, CHECKS, "def test_half(submission", "def test_half(submission, bars")
    table = folder / "solutions" / "hw1" / "bars.toml"
    digests = []
    for bar, sd, seconds in ((0.8, 0.01, 10), (0.8, 0.01, 99), (0.7, 0.01, 10), (0.8, 0.02, 10)):
        table.write_text(f'["q1c".full]\nbars = [{bar}]\nsd = {sd}\nseconds = {seconds}\n', encoding="utf-8")
        digests.append(rules(folder, checks))

    assert digests[0] == digests[1]
    for other in digests[2:]:
        assert {check for check in other if other[check] != digests[0][check]} == {"test_half"}


def test_what_always_runs_belongs_to_every_check(folder: Path, checks: tuple[Check, ...]) -> None:
    """A statement for its own sake at the module's top may change anything."""
    before = rules(folder, checks)
    edited(
        folder, CHECKS, "from grader import close, hint, points", "from grader import close, hint, points\n\nprint()"
    )

    after = rules(folder, checks)

    assert {check for check in before if before[check] != after[check]} == ALL


def test_checks_that_ask_for_data_are_known(checks: tuple[Check, ...]) -> None:
    """By the name of the fixture, or of what trains."""
    course = find_course(ROOT)
    hw5 = course.assignment("hw5")
    about = Check("test_accuracy_on_unseen_images", "q7_inception", "q7e", checks[0].points, False, checks[0].says)
    shape = Check("test_inception_counts", "q7_inception", "q7d", checks[0].points, False, checks[0].says)

    assert [rule.asks_for_data for rule in rules_of(hw5, [about, shape])] == [True, False]


def files(**changed: bytes) -> Submission:
    return Submission("s", "", {**solved(), **{name.replace("__", "."): data for name, data in changed.items()}})


def test_a_hand_in_is_its_module_and_what_that_may_read() -> None:
    """Another question's module counts only where it is named; everything that is no question's counts."""
    plain = files_digest(files(), "q1_rows", QUESTIONS)

    assert files_digest(files(q2_table__py=b"x = 1"), "q1_rows", QUESTIONS) == plain
    assert files_digest(files(q1_rows__py=b"x = 1"), "q1_rows", QUESTIONS) != plain
    assert files_digest(files(more__py=b"x = 1"), "q1_rows", QUESTIONS) != plain
    naming = {"q1_rows__py": b"from q2_table import total"}
    assert files_digest(files(**naming), "q1_rows", QUESTIONS) != files_digest(
        files(**naming, q2_table__py=b"x = 1"), "q1_rows", QUESTIONS
    )


def test_a_finding_is_one_student_s(folder: Path) -> None:
    """Name, key of the draws and variant make the owner another one."""
    course = find_course(folder)
    hw1 = course.assignment("hw1")
    first, second = whose(course, hw1, "s1"), whose(course, hw1, "s2")
    (folder / "solutions" / "variants.toml").write_text("[hw1]\ns1 = 1\n", encoding="utf-8")
    other_variant = whose(course, hw1, "s1")
    (folder / "solutions" / "draw.key").write_text("another" * 5, encoding="utf-8")
    other_key = whose(find_course(folder), hw1, "s1")

    assert len({first, second, other_variant, other_key}) == 4


def test_a_data_set_that_came_or_changed_is_seen(tmp_path: Path) -> None:
    """Where it is, and its size and time on disk."""
    course = find_course(ROOT)
    hw1 = course.assignment("hw1")
    assert "mobile_price" in hw1.data
    header = "battery_power,blue,clock_speed,dual_sim,fc,four_g,int_memory,m_dep,mobile_wt,n_cores,pc,px_height,"
    header += "px_width,ram,sc_h,sc_w,talk_time,three_g,touch_screen,wifi,price_range\n"
    without = data_digest(course, hw1, tmp_path)
    table = tmp_path / "train.csv"
    table.write_text(header, encoding="utf-8")
    came = data_digest(course, hw1, tmp_path)
    os.utime(table, (1, 1))

    assert len({without, came, data_digest(course, hw1, tmp_path)}) == 3


def test_a_set_beside_its_card_is_part_of_it(tmp_path: Path) -> None:
    """An author who saves the course's own file anew is graded anew."""
    course = own_course(tmp_path / "course")
    hw1 = course.assignment("hw1")
    before = data_digest(course, hw1, None)
    os.utime(course.datasets / "texts.npz", (1, 1))

    assert data_digest(course, hw1, None) != before


def test_the_package_is_part_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Another line in a comparer, another version of a library: nothing that was found still counts."""
    package = tmp_path / "grader"
    shutil.copytree(ROOT / "grader", package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr("grader.digests.PACKAGE", package)

    def now() -> tuple[str, str]:
        package_digest.cache_clear()
        return package_digest("checking"), package_digest("sandbox")

    before = now()
    (package / "checking" / "close.py").write_text("", encoding="utf-8")
    changed = now()
    monkeypatch.setattr("grader.digests.version", lambda name: "0")
    package_digest.cache_clear()
    other_library = package_digest("sandbox")
    package_digest.cache_clear()

    assert (changed[0] != before[0], changed[1] == before[1]) == (True, True)
    assert other_library != before[1]


def test_pieces_do_not_run_together() -> None:
    """Two pieces are not one."""
    assert len({digest(b"ab"), digest(b"a", b"b"), digest("ab"), digest(["a", "b"])}) == 4
