"""The marking sheet: every answer once, nothing of a student's acts, and no marker's work is lost."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from grader.errors import GraderError
from grader.marking import against, marking_page, read_marks
from grader.marks import Mark, Marks
from tests.pages.parsed import Parsed, assert_sealed, source_hash, words
from tests.pages.sample import a_sheet, an_assignment

HW5 = an_assignment()
ESSAY = HW5.essays[0]  # q1a.essay: 2 points, beside q1a
HEAD = "assignment,part,student,points,lines,comment,marker\r\n"
ATTACK = "<script>document.title='owned'</script>\u202e<img src=x>"


def page(answers: dict[str, str], lang: str = "en", marks: dict[str, Marks] | None = None) -> str:
    sheets = {student: a_sheet(student) for student in answers}
    return marking_page(HW5, ESSAY, answers, sheets, marks or {}, lang=lang)


def groups(text: str) -> list[list[str]]:
    """The students of each answer, in the page's order."""
    return [json.loads(a["data-students"]) for name, a in Parsed(text).tags if name == "article"]


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_the_page_is_sealed(lang: str) -> None:
    """One offline file, one script of ours named by its hash, whatever a student wrote."""
    parsed = assert_sealed(page({"s1": ATTACK, ATTACK: "It diverges."}, lang))

    assert parsed.names.count("script") == 1
    assert parsed.policy.endswith(f"script-src {source_hash(parsed.blocks['script'])}")
    assert "img" not in parsed.names
    assert "⟦U+202E⟧" in parsed.text


def test_equal_answers_are_marked_once_and_empty_ones_come_last() -> None:
    """White space makes no other answer."""
    found = groups(page({"s1": "", "s2": "It diverges.", "s3": "It\n diverges. ", "s4": "Too fast.", "s5": ""}))

    assert sorted(found[:2]) == [["s2", "s3"], ["s4"]]
    assert found[2] == ["s1", "s5"]


def test_the_order_tells_nothing_of_who_wrote() -> None:
    """It follows the texts: other names, the same order."""
    texts = [f"Answer number {i}." for i in range(6)]
    names = {f"s{i}": text for i, text in enumerate(texts)}
    others = {f"s{5 - i}": text for i, text in enumerate(texts)}

    assert [names[g[0]] for g in groups(page(names))] == [others[g[0]] for g in groups(page(others))]


def test_names_are_hidden_until_they_are_asked_for() -> None:
    """They stand in the page for the file that is saved, and are not shown."""
    shown = [a for name, a in Parsed(page({"s1": "One."})).tags if a.get("class") == "names"]

    assert shown == [{"class": "names", "hidden": ""}]


def test_rubric_companion_and_marks_so_far_are_beside_the_text() -> None:
    """What a marker needs to see."""
    text = page({"s1": "One."}, marks={"s1": Marks({ESSAY.part: Mark(Fraction(3, 2), comment="Units!")})})
    inputs = [a for name, a in Parsed(text).tags if name == "input"]

    assert [a["data-points"] for a in inputs if "data-points" in a] == ["2.0"]
    assert [(a["value"], a["max"]) for a in inputs if a.get("class") == "points"] == [("1.5", "2.0")]
    assert "1(a): 2 / 2" in words(text)
    assert "Units!" in Parsed(text).text


def test_a_persian_sheet_counts_in_persian_digits() -> None:
    """What the machine gave for the companion stands there as everything else does."""
    text = words(page({"s1": "One."}, "fa"))

    assert "۱-الف: ۲ / ۲" in text
    assert "2 / 2" not in text


def test_ticks_are_on_the_sheet_that_is_made_again() -> None:
    """With the points they were saved with; else what a marker presses next would count from nothing."""
    ticked, plain = (Mark(Fraction(2), lines=lines) for lines in ((1,), ()))

    for mark, checked in ((ticked, [True]), (plain, [False])):
        tags = Parsed(page({"s1": "One."}, marks={"s1": Marks({ESSAY.part: mark})})).tags
        assert ["checked" in a for name, a in tags if name == "input" and "data-points" in a] == checked


def test_the_zero_of_an_empty_essay_is_no_mark_to_save() -> None:
    """It is not filled in, or the file would say that somebody gave it."""
    text = page({"s1": ""}, marks={"s1": Marks({ESSAY.part: Mark(Fraction(0), by_person=False)})})

    assert [a["value"] for _, a in Parsed(text).tags if a.get("class") == "points"] == [""]


def rows(*lines: str) -> bytes:
    return b"\xef\xbb\xbf" + (HEAD + "".join(f"{line}\r\n" for line in lines)).encode()


def test_several_markers_are_merged() -> None:
    """Rows without points are not marked yet; equal points keep both comments."""
    ann = rows("hw5,q1a.essay,s1,1.5,1,Good.,Ann", "hw5,q1a.essay,s2,,,later,Ann", "hw5,q1a.essay,s3,2,1,,Ann")
    bob = rows('hw5,q1a.essay,s3,2,1,"Yes, ""so"".",Bob', "hw5,q1a.essay,s2,0,,'=1+1,Bob")

    marks, conflicts = read_marks({"ann.csv": ann, "bob.csv": bob}, HW5)

    assert marks == {
        ("s1", "q1a.essay"): Mark(Fraction(3, 2), comment="Good.", lines=(1,)),
        ("s2", "q1a.essay"): Mark(Fraction(0), comment="=1+1"),
        ("s3", "q1a.essay"): Mark(Fraction(2), comment='Yes, "so".', lines=(1,)),
    }
    assert conflicts == []


def test_where_two_markers_differ_nobody_is_overruled() -> None:
    """Both are named with their lines; the other marks are taken."""
    ann, bob = (rows(f"hw5,q1a.essay,s1,{n},,,{name}") for n, name in ((1, "Ann"), (2, "Bob")))

    marks, conflicts = read_marks({"a.csv": ann, "b.csv": bob}, HW5)

    assert marks == {}
    assert conflicts == ["s1, q1a.essay: 1 by Ann (a.csv, line 2) and 2 by Bob (b.csv, line 2)"]


def test_a_mark_in_the_gradebook_is_not_overruled() -> None:
    """One given elsewhere stands; the zero that nobody gave gives way; a comment and ticks are added."""
    key, other, third = ("s1", "q1a.essay"), ("s2", "q1a.essay"), ("s3", "q1a.essay")
    before = {
        "s1": Marks({"q1a.essay": Mark(Fraction(1))}),
        "s2": Marks({"q1a.essay": Mark(Fraction(0), by_person=False)}),
        "s3": Marks({"q1a.essay": Mark(Fraction(2), comment="Fine.")}),
    }
    given = {key: Mark(Fraction(2)), other: Mark(Fraction(2)), third: Mark(Fraction(2), comment="Rank?")}

    fresh, conflicts = against(given, before)

    assert fresh == {other: Mark(Fraction(2)), third: Mark(Fraction(2), comment="Fine.\nRank?")}
    assert conflicts == ["s1, q1a.essay: 2 here and 1 in the gradebook"]
    ticked = {third: Mark(Fraction(2), lines=(1,))}
    assert against(ticked, before) == ({third: Mark(Fraction(2), comment="Fine.", lines=(1,))}, [])
    assert against(ticked, {"s3": Marks({"q1a.essay": Mark(Fraction(2), lines=(1,))})}) == ({}, [])
    assert against(fresh, {"s2": Marks({"q1a.essay": Mark(Fraction(2))})})[1] == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff", "m.csv is no CSV file in UTF-8"),
        (b"a,b\r\n1,2\r\n", "m.csv has no column assignment: a file saved from the marking sheet was asked"),
        (rows("hw1,q1a.essay,s1,1,,,"), "m.csv, line 2 is of assignment 'hw1'; hw5 was asked"),
        (rows("hw5,q1a,s1,1,,,"), "m.csv, line 2: 'q1a' is no essay of hw5, which has q1a.essay, q7a.essay"),
        (rows("hw5,q1a.essay,,1,,,"), "m.csv, line 2 names no student"),
        (rows("hw5,q1a.essay,s1,good,,,"), "m.csv, line 2: 'good' is no number of points"),
        (rows("hw5,q1a.essay,s1,1/0,,,"), "m.csv, line 2: '1/0' is no number of points"),
        (rows("hw5,q1a.essay,s1,2.5,,,"), "m.csv, line 2: 2.5 points were given; q1a.essay is worth 2"),
        (rows("hw5,q1a.essay,s1,1,1 2,,"), "m.csv, line 2: '2' is no line of q1a.essay's rubric, which has 1"),
        (rows("hw5,q1a.essay,s1,1,one,,"), "m.csv, line 2: 'one' is no line of q1a.essay's rubric"),
        (rows("hw5,q1a.essay,s1,'-1,,,"), "m.csv, line 2: -1 points were given; q1a.essay is worth 2"),
    ],
    ids=[
        "bytes",
        "columns",
        "assignment",
        "part",
        "student",
        "word",
        "division",
        "too many",
        "a line",
        "a word for one",
        "too few",
    ],
)
def test_a_row_that_cannot_be_a_mark_is_named(content: bytes, told: str) -> None:
    """With its file and line; nothing is taken then."""
    with pytest.raises(GraderError) as caught:
        read_marks({"m.csv": content}, HW5)

    assert told in str(caught.value)


def test_points_are_read_as_spreadsheets_write_them() -> None:
    """A decimal comma of a German spreadsheet, a decimal mark of a Persian one."""
    content = rows('hw5,q1a.essay,s1,"1,5",,,', "hw5,q1a.essay,s2,1٫5,,,")

    assert {mark.points for mark in read_marks({"m.csv": content}, HW5)[0].values()} == {Fraction(3, 2)}


def test_a_file_comes_back_from_a_spreadsheet() -> None:
    """Semicolons, UTF-16, blank rows and cells: the same marks."""
    rows = [HEAD.strip().replace(",", ";") + ";;", ";;;;;;;;", "hw5;q1a.essay;s1;1,5;1;Yes, so.;Ann;;"]
    content = "\r\n".join(rows).encode("utf-16")

    marks, _ = read_marks({"m.csv": content}, HW5)

    assert marks == {("s1", "q1a.essay"): Mark(Fraction(3, 2), comment="Yes, so.", lines=(1,))}


def test_a_page_s_students_survive_their_names() -> None:
    """Quotes, markup and Persian letters in an id come back as they are."""
    names = ['a"b', "<b>&amp;", "س۱‌الف"]

    assert sorted(g[0] for g in groups(page({name: f"I am {i}." for i, name in enumerate(names)}))) == sorted(names)
