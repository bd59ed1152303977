"""The wheel: pip installs it as it is, it holds the engine and nothing else, and it is the same on every day."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

import grader
from grader.authoring import wheel as wheels
from grader.authoring.wheel import wheel, wheel_name
from grader.errors import GraderError
from tests.sample_course import ROOT


def test_pip_installs_it(tmp_path: Path) -> None:
    """pip checks every file against the record; what comes out imports, and gives the command."""
    (tmp_path / wheel_name()).write_bytes(wheel())
    words = ["install", "--no-deps", "--no-index", "--quiet", "--target", "site", wheel_name()]
    subprocess.run([sys.executable, "-m", "pip", *words], cwd=tmp_path, check=True)

    code = "import grader; print(grader.__version__, grader.__file__)"
    told = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, 'site'); {code}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert told.split()[0] == grader.__version__
    assert str(ROOT) not in told
    assert (tmp_path / "site" / "bin" / "grader").exists()


def test_it_holds_the_engine_alone() -> None:
    """Every file of the package, no cache, no page of ours, no requirement but the core's."""
    with zipfile.ZipFile(BytesIO(wheel())) as book:
        names = set(book.namelist())
        about = book.read(f"dlgrader-{grader.__version__}.dist-info/METADATA").decode()
    package = {path.relative_to(ROOT).as_posix() for path in (ROOT / "grader").rglob("*") if path.is_file()}

    assert {name for name in names if name.startswith("grader/")} == {n for n in package if "__pycache__" not in n}
    assert {name.split("/")[-1] for name in names - package} == {"METADATA", "WHEEL", "RECORD", "entry_points.txt"}
    assert "Requires-Dist: torch" in about
    assert "# grader" not in about


def test_the_same_engine_gives_the_same_bytes() -> None:
    """The day does not matter."""
    assert wheel() == wheel()


def test_an_engine_that_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its metadata pip could not tell what it needs."""
    monkeypatch.setattr(wheels, "DISTRIBUTION", "no-such-distribution")

    with pytest.raises(GraderError, match="pip install it first"):
        wheel()
