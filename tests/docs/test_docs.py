"""The documentation tells the truth: commands, help texts, links, examples, sessions and the picture are the program's.

One verifier is started for all of it: on a course made of the README's question and of CONTRIBUTING's examples.
"""

from __future__ import annotations

import ast
import doctest
import importlib.util
import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner
from PIL import Image

import grader
from grader import run
from grader.authoring.skeleton import new_question
from grader.checking.verifier import Verifier
from grader.cli import main
from grader.course import Course, find_course
from grader.records import Finding, Outcome, Submission, Verdict
from grader.score import score
from tests.sample_course import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
README, PERSIAN, CONTRIBUTING = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.fa.md", "CONTRIBUTING.md"))  # fmt: skip
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EXAMPLES = "q9_examples"  # the question made of CONTRIBUTING's blocks
PARTS_OF_THE_TREE = {"grader", "solutions", "exercises", "datasets", "tests", "docs", "benchmarks", ".ci"}


def script(name: str) -> ModuleType:
    """A script of docs/, imported by its path."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


commands, first_screen = script("commands"), script("first_screen")


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language, in their order."""
    return [text for found, text in FENCED.findall(page) if found == language]


def prose(page: str) -> str:
    """A page without its fenced and indented blocks."""
    return re.sub(r"^(    |\t).*$", "", FENCED.sub("", page), flags=re.MULTILINE)


# -- what the program says about itself ----------------------------------------------------------------------------


def leaves(command: click.Command, *names: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from leaves(child, *names, name)
    else:
        yield " ".join(names), command


LEAVES = dict(leaves(main))


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_is_explained(name: str) -> None:
    """Each command says in one sentence what it does and explains each of its options; the page has a section on it."""
    command = LEAVES[name]
    silent = [p.name for p in command.params if isinstance(p, click.Option) and not p.help]

    assert re.match(r"[A-Z].+?\.(\s|$)", command.help or "")
    assert silent == []
    assert f"\n## grader {name}\n" in commands.PAGE.read_text(encoding="utf-8")


def test_the_page_of_commands_is_generated() -> None:
    """docs/commands.md is what docs/commands.py writes."""
    assert commands.PAGE.read_text(encoding="utf-8") == commands.page()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_commands_that_pages_name_exist(page: Path) -> None:
    """Whoever types what a page says meets a command of that name."""
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"(?:`|\$ |^    )grader((?: [a-z][a-z-]+)+)", text, re.MULTILINE)
    known = {name.split()[0] for name in LEAVES}
    groups = {name.split()[0] for name in LEAVES if " " in name}

    for words in map(str.split, named):
        assert words[0] in known
        assert words[0] not in groups or len(words) == 1 or " ".join(words[:2]) in LEAVES


@pytest.mark.parametrize("page", [README, PERSIAN], ids=["README.md", "README.fa.md"])
def test_the_two_commands_are_toxs(page: str) -> None:
    """The two lines to copy set up tox and call it; the environment that they name is there, with a description."""
    lines = re.findall(r"^    (python3 -m venv \.venv && \.venv/bin/pip install tox && \.venv/bin/tox.*?)(?: {2,}#|$)", page, re.MULTILINE)  # fmt: skip
    sections = (ROOT / "tox.ini").read_text(encoding="utf-8").split("\n[")

    assert [line.partition(".venv/bin/tox")[2].strip() for line in lines] == ["-e demo", ""]
    assert any(section.startswith("testenv:demo]\ndescription =") for section in sections)
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1] == lines[1].strip()


def test_the_changelog_begins_with_this_version() -> None:
    """The newest entry is the version that the package says, which is the one that is built."""
    versions = re.findall(r"^## \[?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    built = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

    assert versions[0] == grader.__version__ == built


def test_every_public_name_has_its_place() -> None:
    """docs/checks.md has a section for each name of the surface, and CONTRIBUTING an example that uses it."""
    checks = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    headings = "\n".join(re.findall(r"^#+ .*$", checks, re.MULTILINE))
    examples = "\n".join(blocks(CONTRIBUTING, "python"))

    for name in grader.__all__:
        assert f"`{name}`" in headings
        assert re.search(rf"\b{name}\(", examples) or f"@{name}\n" in examples


def test_every_module_has_its_line() -> None:
    """CONTRIBUTING's table names each module and package at the top of grader/, and nothing else."""
    table = re.findall(r"^\| `(\w+)` \| ", CONTRIBUTING.partition("## How the code is laid out")[2], re.MULTILINE)
    there = {path.stem for path in (ROOT / "grader").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}

    assert sorted(table) == sorted(there - {"__init__", "__main__"})


# -- links and names ------------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The names under which a page's headings can be linked to, as GitHub makes them."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="(\w+)">', text))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file or a heading of this repository finds it."""
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCED.sub("", page.read_text(encoding="utf-8"))):
        if not target.startswith("http"):
            path, _, anchor = target.partition("#")
            linked = (page.parent / path).resolve() if path else page
            assert linked.exists(), target
            assert not anchor or anchor in anchors(linked), target


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_files_that_pages_name_exist(page: Path) -> None:
    """A path in backquotes is there, except below hw6, the assignment that examples make up."""
    named = re.findall(r"`([\w.-]+/[\w./-]*)`", prose(page.read_text(encoding="utf-8")))

    for path in named:
        if path.split("/")[0] in PARTS_OF_THE_TREE and "/hw6" not in path:
            assert (ROOT / path).exists(), path


# -- examples -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_examples_of_pages_hold(page: Path) -> None:
    """Python blocks with prompts run, each page in one go; those without are Python."""
    names: dict[str, Any] = {}
    for number, block in enumerate(blocks(page.read_text(encoding="utf-8"), "python")):
        if ">>>" not in block:
            ast.parse(block)
            continue
        said: list[str] = []
        test = doctest.DocTestParser().get_doctest(block, names, f"{page.name}, block {number}", str(page), 0)
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append, clear_globs=False)
        names.update(test.globs)
        assert not said, "".join(said)


@dataclass(frozen=True)
class Running:
    """The one verifier, the course it serves, and what it found: in the README's hand-in and in CONTRIBUTING's module."""

    verifier: Verifier
    course: Course
    module: str  # the README's student's
    verdict: Verdict

    def of(self, question: str) -> list[Finding]:
        return [finding for finding in self.verdict.findings if finding.check.question == question]


def question_of_the_readme() -> Any:
    return find_course(ROOT).assignment(first_screen.ASSIGNMENT).question(first_screen.QUESTION)


def course_of_the_pages(folder: Path) -> Course:
    """A course in `folder` with the README's question and a second one made of CONTRIBUTING's examples."""
    home = folder / "solutions" / "hw5"
    home.mkdir(parents=True)
    question = question_of_the_readme()
    for path in question.source.parent.glob(f"*{question.id}*"):
        if path.is_file():
            shutil.copy(path, home)
    module, *checks = [block for block in blocks(CONTRIBUTING, "python") if block.startswith('"""One function for each')
                       or "@points(" in block]  # fmt: skip
    (home / f"{EXAMPLES}.py").write_text(module, encoding="utf-8")
    (home / f"test_{EXAMPLES}.py").write_text("\n\n".join(checks), encoding="utf-8")
    parts = "\n".join(f'"{part}" = {{ en = "{title.en}", fa = "{title.fa}" }}' for part, title in question.parts.items())
    (home / "assignment.toml").write_text(
        f'title = {{ en = "Pages" }}\nquestions = ["{question.id}", "{EXAMPLES}"]\n'
        f'[question.{question.id}]\ntitle = {{ en = "R" }}\n[question.{question.id}.parts]\n{parts}\n'
        f'[question.{EXAMPLES}]\ntitle = {{ en = "C" }}\nparts.q1a = {{ en = "a" }}\n',
        encoding="utf-8",
    )
    (home.parent / "draw.key").write_text("pages\n", encoding="utf-8")
    (folder / "course.toml").write_text(
        'id = "pages"\ntitle.en = "Pages"\nterm = "t"\nassignments = ["hw5"]\n', encoding="utf-8"
    )
    return find_course(folder)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    course = course_of_the_pages(tmp_path_factory.mktemp("pages"))
    module = first_screen.hand_in(question_of_the_readme())
    examples = (course.solutions / "hw5" / f"{EXAMPLES}.py").read_bytes()
    started = Verifier(course.root, "hw5", trusted=True)
    try:
        files = {f"{first_screen.QUESTION}.py": module.encode(), f"{EXAMPLES}.py": examples}
        verdict = started.grade(Submission("you", "", files), 0)
        assert verdict is not None, started.loss
        yield Running(started, course, module, verdict)
    finally:
        started.close()


def test_contributings_checks_judge_its_module_right(running: Running) -> None:
    """Each example of a check, run for real, is passed by the module that it is written for."""
    found = {finding.check.id: (finding.outcome, finding.detail) for finding in running.of(EXAMPLES)}

    assert len(found) == CONTRIBUTING.count("@points(")
    assert {name: told for name, told in found.items() if told[0] is not Outcome.PASSED} == {}


def test_the_picture_shows_what_the_engine_gives(running: Running) -> None:
    """Stub, answer, hint and points in docs/first-screen.png are those of the real question and the real verdict."""
    finding = next(f for f in running.of(first_screen.QUESTION) if f.check.part == first_screen.PART)
    with Image.open(first_screen.PICTURE) as picture:
        drawn = json.loads(picture.info["facts"])

    assert drawn == first_screen.shown(question_of_the_readme(), finding)
    assert first_screen.PICTURE.stat().st_size < 300_000  # bytes: it is on the first screen


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_the_picture_is_put_in_words(lang: str, running: Running) -> None:
    """Whoever cannot see the picture reads the answer and the hint in its description."""
    finding = next(f for f in running.of(first_screen.QUESTION) if f.check.part == first_screen.PART)
    described = re.search(r"!\[(.*)\]\(docs/first-screen\.png\)", {"en": README, "fa": PERSIAN}[lang])

    assert described is not None
    assert finding.message.in_language(lang) in described[1]
    assert "[[10, 7], [5, -4]]" in described[1]


@pytest.mark.parametrize(("page", "lang"), [(README, "en"), (PERSIAN, "fa")], ids=["README.md", "README.fa.md"])
def test_the_students_session_is_real(page: str, lang: str, running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """What the README shows a student, line by line, is what `grader check` prints; `[...]` stands for lines left out."""
    (tmp_path / f"{first_screen.QUESTION}.py").write_text(running.module, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # examples run in a child process
    monkeypatch.setattr("grader.checking.verifier.Verifier", lambda *a, **k: _Lent(running.verifier))
    sessions = [block for block in blocks(page, "text") if block.startswith("$ grader check")]
    assert len(sessions) == 2

    for session in sessions:
        typed, *shown = session.splitlines()
        words = [*typed.split()[3:], "--course", str(running.course.root)]
        printed = CliRunner().invoke(main, ["check", *words]).output.splitlines()
        assert f"--lang {lang}" in typed or lang == "en"
        assert _left_out(shown, printed), "\n".join(printed)


class _Lent:
    """A started verifier that whoever asked for it does not close; it grades the README's question alone."""

    def __init__(self, verifier: Verifier) -> None:
        self.verifier = verifier
        self.loss = ""

    def grade(self, submission: Submission, variant: int, data: Any = ()) -> Verdict | None:
        found = self.verifier.grade(submission, variant)
        assert found is not None, self.verifier.loss
        return Verdict(
            found.student, tuple(f for f in found.findings if f.check.question == first_screen.QUESTION)
        )

    def close(self) -> None:
        """It stays open."""


def _left_out(shown: list[str], printed: list[str]) -> bool:
    """Whether the lines shown are the lines printed, but for runs of lines marked by `[...]`."""
    pattern = "".join(r"(?:.*\n)+?" if line == "[...]" else re.escape(line) + r"\n" for line in shown)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


def test_the_authors_session_is_real(tmp_path: Path) -> None:
    """The files that the README says `grader new` writes are those that it writes."""
    (tmp_path / "solutions").mkdir()
    (tmp_path / "course.toml").write_text('id = "c"\ntitle.en = "c"\nterm = "t"\nassignments = ["hw1"]\n')
    written = [f"wrote {p.relative_to(tmp_path)}" for p in new_question(find_course(tmp_path), "hw6/q1_mean")]

    for page in (README, PERSIAN):
        (session,) = [block for block in blocks(page, "text") if block.startswith("$ grader new hw6/q1_mean")]
        assert session.splitlines()[1 : 1 + len(written)] == written


def test_every_field_of_the_results_is_explained(running: Running) -> None:
    """docs/marksheet.md has a row for each key of a marksheet and of its run file, and for no other."""
    page = (ROOT / "docs" / "marksheet.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    course = find_course(ROOT)
    order = run.Order(course, course.assignment("hw5"), ROOT, ROOT)
    circumstances = run._circumstances(order, SimpleNamespace(isolation=3))
    made = score(course, course.assignment("hw5"), Submission("you", "", {}), running.verdict, circumstances)
    question = made.sheet["questions"][0]
    training = made.run["trainings"] and made.run["trainings"][0]
    keys = {*made.sheet, *question, *question["checks"][0], *made.sheet["manifest"], *made.run}
    keys |= {key for told in made.run["checks"].values() for key in told} | set(training)

    assert rows == keys


# -- Persian --------------------------------------------------------------------------------------------------------

LETTER = "[آ-ی]"
SLIPS = {
    "an Arabic letter (ي, ك, ة) for a Persian one": "[يكة]",
    "می and نمی stand apart from their verb by a half-space": f"(?<!{LETTER})ن?می {LETTER}",
    "the plural ها stands by a half-space": f"{LETTER} ها(ی)?(?!{LETTER})",
    "تر and ترین stand by a half-space": f"{LETTER} تر(ین)?(?!{LETTER})",
    "a Latin comma, semicolon or question mark after a Persian word": f"{LETTER}[,;?]",
    "a blank before a mark of punctuation": "[آ-ی] [،؛؟.:](?!\\w)",
    "a half-space at the edge of a word": "\u200c(?![آ-ی])|(?<![آ-یۀ])\u200c",
    "Latin digits in Persian prose": f"{LETTER} [0-9]+ {LETTER}",
}


@pytest.mark.parametrize("slip", SLIPS)
def test_the_persian_pages_are_spelt_well(slip: str) -> None:
    """Letters, half-spaces, digits and marks of README.fa.md are Persian ones, outside of code."""
    text = re.sub(r"`[^`\n]*`", "`…`", prose(PERSIAN))
    found = [text[max(0, m.start() - 20) : m.end() + 20] for m in re.finditer(SLIPS[slip], text)]

    assert found == []


def test_right_to_left_stays_around_left_to_right() -> None:
    """README.fa.md opens and closes its blocks of either direction in pairs, and has no code outside of a left-to-right one."""
    depth, directions = 0, []
    fenced = False
    for line in PERSIAN.splitlines():
        if match := re.match(r'<div dir="(rtl|ltr)">', line):
            directions.append(match[1])
        elif line.startswith("</div>"):
            assert directions.pop()
        elif line.startswith("```"):
            fenced = not fenced
            assert directions[-1] == "ltr"
        elif line.startswith("    ") and line.strip():
            assert directions[-1] == "ltr" or not fenced
        depth = max(depth, len(directions))

    assert directions == []
    assert depth == 2
