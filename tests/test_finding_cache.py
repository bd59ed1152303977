"""A second run: what stands is left alone, what has changed is graded, and everybody is told whose marks changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.course import find_course
from grader.errors import CourseError
from grader.pools.local import LocalPool
from grader.records import Site, Task, Verdict
from grader.run import Order, Summary, run
from tests.sample_course import copied, lay, solved, stubs

HALVES = solved(q1='def half(x):\n    return np.array(x, "float64") / 2\n')  # right, but in double precision


class Class:
    """A course, a class of three and their results; `run()` grades them and notes what was run."""

    def __init__(self, folder: Path) -> None:
        self.course = copied(folder / "course")
        self.submitted, self.out = folder / "submitted", folder / "out"
        self.ran: list[tuple[str, str]] = []
        self.isolation: int | None = None
        for student, files in (("s1", solved()), ("s2", HALVES), ("s3", stubs())):
            self.hand_in(student, files)

    def hand_in(self, student: str, files: dict[str, bytes]) -> None:
        lay(self.submitted / student / "hw1", files)

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.course / "solutions" / "hw1" / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def run(self, **more: object) -> Summary:
        self.ran.clear()

        def begin(students: int, site: Site | None) -> None:
            self.isolation = None if site is None else site.isolation

        course = find_course(self.course)
        order = Order(course, course.assignment("hw1"), self.submitted, self.out, trusted=True, **more)  # type: ignore[arg-type]
        return run(order, begin)

    def files(self) -> dict[str, bytes]:
        kept = ("journal", "changes", "report")
        return {p.name: p.read_bytes() for p in (self.out / "hw1").glob("*.*") if not p.name.startswith(kept)}


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    """The class, graded once; each test leaves it graded."""
    members = Class(tmp_path_factory.mktemp("class"))
    one = LocalPool._one

    def noting(self: LocalPool, task: Task) -> Verdict:
        members.ran += [(task.submission.student, check.id) for check in task.checks]
        return one(self, task)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(LocalPool, "_one", noting)
        members.run()
        assert len(members.ran) == 3 * 5
        yield members


def test_nothing_changed_and_nothing_is_run(once: Class) -> None:
    """No process is started and no file is touched; the scores are told all the same."""
    before = once.files()

    summary = once.run()

    assert (once.ran, once.isolation, summary.graded) == ([], None, 0)
    assert summary.scores == {"s1": 9.0, "s2": 8.0, "s3": 0.0}
    assert once.files() == before


def test_another_hand_in_is_graded_and_nobody_else(once: Class) -> None:
    """One module of one student: the checks of that question; the change and its reason are told."""
    once.hand_in("s2", solved())

    summary = once.run()

    assert once.ran == [("s2", "test_mean"), ("s2", "test_columns"), ("s2", "test_half")]
    (change,) = summary.changes
    assert (change.student, change.check, change.earned_before, change.earned) == ("s2", "test_half", 0.0, 1.0)
    assert change.why == "the hand-in"
    assert (
        "s2,q1_rows,q1c,test_half,failed,passed,0.0,1.0,the hand-in" in (once.out / "hw1" / "changes.csv").read_text()
    )
    report = (once.out / "hw1" / "report.html").read_text("utf-8").replace("<wbr>", "")
    (row,) = re.findall("<tr>.*<code>test_half</code>.*</tr>", report)
    assert 'href="feedback/s2.html"' in row
    assert "<td>1(c)</td>" in row
    assert row.endswith("<td>the hand-in</td></tr>")
    once.hand_in("s2", HALVES)
    assert [change.earned for change in once.run().changes] == [0.0]
    assert once.ran == []  # what was found for these files is in the journal


def test_another_check_is_run_for_everybody_and_no_other(once: Class) -> None:
    """The marks that change are told with their reason; all other findings are those of before, to the second."""
    seconds = json.loads(once.files()["s1.run.json"])["checks"]
    once.edit("test_q1_rows.py", ', dtype="float32")', ")")

    summary = once.run()

    assert once.ran == [("s1", "test_half"), ("s2", "test_half"), ("s3", "test_half")]
    assert [(c.student, c.check, c.earned, c.why) for c in summary.changes] == [("s2", "test_half", 1.0, "the check")]
    told = json.loads(once.files()["s1.run.json"])
    now = told["checks"]
    assert {key for key in now if now[key] != seconds[key]} <= {"q1_rows::test_half"}
    assert told["seconds"] >= sum(now[key]["seconds"] for key in now if key != "q1_rows::test_half") - 0.001
    once.edit("test_q1_rows.py", "for value in x.tolist()])", 'for value in x.tolist()], dtype="float32")')
    once.run()


def test_a_finding_is_of_one_variant(once: Class) -> None:
    """Whoever has other numbers is judged anew, and nobody else; with the old ones the old findings stand."""
    variants = once.course / "solutions" / "variants.toml"
    variants.write_text("[hw1]\ns1 = 1\n", encoding="utf-8")
    summary = once.run()
    assert {student for student, _ in once.ran} == {"s1"}
    assert {change.why for change in summary.changes} == {"the variant"}

    variants.unlink()
    once.run()
    assert once.ran == []


def test_checks_that_train_are_run_together(once: Class, tmp_path: Path) -> None:
    """A training is noted with the check that asked first: another that found it done is of no use alone.

    Whoever was judged stays so, if the second time it cannot be done.
    """
    checks = once.course / "solutions" / "hw1" / "test_q1_rows.py"
    before = checks.read_text(encoding="utf-8")
    for name, part in (("mean", "q1a"), ("columns", "q1b")):
        marked = f'@points(2, part="{part}")\ndef test_{name}('
        once.edit("test_q1_rows.py", marked, marked.replace("\n", "\n@needs(minutes=0.1)\n"))
    once.edit("test_q1_rows.py", "import close, hint, points", "import close, hint, needs, points")
    once.edit(
        "test_q1_rows.py",
        '    x = draw("x").normal',
        f'    open({str(tmp_path / "there")!r}).close()\n    x = draw("x").normal',
    )
    (tmp_path / "there").touch()
    once.run()

    (tmp_path / "there").unlink()
    once.edit("test_q1_rows.py", "and nothing else has changed.", "and no other number is another.")
    summary = once.run()

    assert (summary.ungraded, summary.changes) == ([], [])
    assert once.ran == [(s, check) for s in ("s1", "s2", "s3") for check in ("test_mean", "test_columns")]
    once.edit("test_q1_rows.py", "and in single precision.", "in single precision.")
    once.run()
    assert once.ran == [(s, "test_half") for s in ("s1", "s2", "s3")]
    checks.write_text(before, encoding="utf-8")
    once.run()


def test_a_marksheet_that_was_lost_or_altered_is_written_again(once: Class) -> None:
    """From the journal: nothing is run."""
    before = once.files()
    (once.out / "hw1" / "s1.json").unlink()
    (once.out / "hw1" / "s2.json").write_bytes(before["s2.json"].replace(b"8.0", b"9.0"))

    summary = once.run()

    assert (once.ran, summary.graded) == ([], 2)
    after = once.files()
    assert {name: after[name] for name in ("s1.json", "s2.json")} == {
        name: before[name] for name in ("s1.json", "s2.json")
    }


def test_fresh_means_everything(once: Class) -> None:
    """Whatever is known, all is run; the marksheets come out the same."""
    before = once.files()

    summary = once.run(fresh=True)

    assert (len(once.ran), summary.graded, summary.changes) == (15, 3, [])
    assert {name: data for name, data in once.files().items() if ".run." not in name} == {
        name: data for name, data in before.items() if ".run." not in name
    }


def test_what_could_not_be_judged_is_judged_next_time(once: Class, tmp_path: Path) -> None:
    """A fault of ours is never kept: once it is mended, the check is run again, and no other."""
    once.edit(
        "test_q1_rows.py",
        '    x = draw("x").integers',
        f'    open({str(tmp_path / "missing")!r}).close()\n    x = draw("x").integers',
    )
    assert once.run().ungraded == ["s1", "s2", "s3"]
    (tmp_path / "missing").touch()

    summary = once.run()

    assert once.ran == [("s1", "test_half"), ("s2", "test_half"), ("s3", "test_half")]
    assert (summary.ungraded, {change.why for change in summary.changes}) == ([], {"graded again"})


def test_a_broken_check_stops_the_run_before_anything_is_written(once: Class) -> None:
    """The marksheets of the last good run stay as they are."""
    before = once.files()
    once.edit("test_q1_rows.py", '@points(2, part="q1a")', "")

    with pytest.raises(CourseError, match="test_mean has no @points"):
        once.run()

    assert once.files() == before
