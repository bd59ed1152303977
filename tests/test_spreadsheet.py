"""Tables from a spreadsheet: what it saves is read as it was meant, or refused; nothing is read as something else."""

from __future__ import annotations

import pytest

from grader.errors import GraderError
from grader.spreadsheet import read_table, spoilt_id

COLUMNS = ("id", "first_name", "email")
COMMAS = 'id,first_name,email\r\n007,"سارا, R.",a@x.org\r\ns2,,\r\n'


@pytest.mark.parametrize(
    "content",
    [
        COMMAS.encode(),
        COMMAS.encode("utf-8-sig"),
        COMMAS.replace("\r\n", "\n").encode("utf-16"),
        "id\tfirst_name\temail\r\n007\tسارا, R.\ta@x.org\r\ns2\t\t\r\n".encode("utf-16"),
        'id;first_name;email\n007;"سارا, R.";a@x.org\ns2\n'.encode(),
        '"id";"first_name";"email"\n"007";"سارا, R.";"a@x.org"\n"s2";"";""\n;;\n\n'.encode(),
        ' ID ,First_Name, email,,\n007,"سارا, R.",a@x.org,,\ns2,,,,\n,,,,\n'.encode(),
    ],
    ids=["commas", "mark", "UTF-16", "Unicode text", "semicolons", "all quoted", "spaces, capitals and blank cells"],
)
def test_a_table_is_read_as_it_was_meant(content: bytes) -> None:
    """However cells are separated and text is encoded."""
    read = read_table("class.csv", content, COLUMNS)
    known = [(line, {column: row.get(column, "") for column in COLUMNS}) for line, row in read.rows]

    assert known == [
        (2, {"id": "007", "first_name": "سارا, R.", "email": "a@x.org"}),
        (3, {"id": "s2", "first_name": "", "email": ""}),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id\nM\u00fcller\n".encode("cp1252"), r"is no CSV file in UTF-8 \(.*\); save it as `CSV UTF-8`"),
        ("id,email\n".encode("utf-16-le"), "it has zero bytes"),
        (b'id,email\ns1,"a\ns2,b\n', "class.csv, line 3: unexpected end of data; mend the quotes there or above"),
        (b"id,email,id\ns1,a,s2\n", "class.csv has two columns id; keep one"),
        (b"\nid,first_name\ns1,Low, Sam\n", "class.csv, line 3 has more cells than the first line; .* a comma in it"),
    ],
    ids=["one byte a letter", "no mark", "open quote", "two of a name", "a comma in a cell"],
)
def test_what_cannot_be_read_for_certain_is_refused(content: bytes, said: str) -> None:
    """In one sentence, with the file and what to do."""
    with pytest.raises(GraderError, match=said):
        read_table("class.csv", content, COLUMNS)


@pytest.mark.parametrize(
    ("id", "known"), [("7", []), ("7", ["7", "007"]), ("007", ["7"]), ("", ["0"]), ("s7", ["s007"])]
)
def test_an_id_that_no_spreadsheet_has_touched(id: str, known: list[str]) -> None:
    """A number is an id like others, unless only another spelling of it is known."""
    assert spoilt_id(id, known) == ""


def test_zeros_may_be_all_that_there_was() -> None:
    """A spreadsheet leaves one of them."""
    assert spoilt_id("0", ["s1", "000"]).startswith("0 is no student's id, while 000 is")
