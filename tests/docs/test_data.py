"""docs/data.md's own data set: its lines of Python make a file that its card describes."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import numpy as np

from grader.data.cards import card
from grader.data.loaders import load
from tests.docs.pages import blocks, text_of
from tests.sample_course import lay, python

PAGE = text_of("docs/data.md")
LETTERS = "abcdefghijklmnopqrstuvwxyz "


def test_the_page_s_own_set_is_one(tmp_path: Path) -> None:
    """A novel of 27 letters and 10,016 places: the file that is made of it fits the page's card."""
    (lines,), (written, _) = blocks(PAGE, "python"), blocks(PAGE, "toml")
    text = "".join(np.random.default_rng(1).choice(list(LETTERS), 10_016))
    lay(tmp_path, {"novel.txt": text.encode(), "datasets/novel.toml": written.encode()})

    made = python("-c", lines, cwd=tmp_path)

    assert made.returncode == 0, made.stderr
    X, y = load("novel", datasets=tmp_path / "datasets", profile="full").train
    assert X[0].tolist() == [sorted(LETTERS).index(letter) for letter in text[:16]]
    assert y[0] == sorted(LETTERS).index(text[16])


def test_the_page_s_fetched_set_is_one(tmp_path: Path) -> None:
    """With a checksum in the place of the page's dots, the card has an address and needs no file beside it."""
    written, file = blocks(PAGE, "toml")
    assert tomllib.loads(file)["file"][0]["sha256"].endswith("...")
    whole = file.replace("3f0a...", hashlib.sha256(b"").hexdigest())
    lay(tmp_path, {"novel.toml": f"{written}\n{whole}".encode()})

    known = card(tmp_path, "novel")

    assert (known.fetchable, known.bundled, known.standin) == (True, None, None)
