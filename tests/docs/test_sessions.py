"""What the pages show is what happens: the sessions, CONTRIBUTING's checks, the picture, the fields of the results.

One verifier is started for all of it, on a course made of the README's question, of the question that `grader new`
writes, and of CONTRIBUTING's examples.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image

from grader import run
from grader.authoring.skeleton import new_course, new_question
from grader.authoring.sync import generated
from grader.authoring.verify import prove
from grader.checking.verifier import Verifier
from grader.cli import main
from grader.course import Course, Question, find_course
from grader.demo import expected_score, members
from grader.records import Finding, Outcome, Submission, Verdict
from grader.score import score
from tests.docs.pages import CONTRIBUTING, PERSIAN, README, blocks, script, session, text_of
from tests.sample_course import ROOT

EXAMPLES = "q9_examples"  # the question made of CONTRIBUTING's blocks
both = pytest.mark.parametrize("page", [README, PERSIAN], ids=["README.md", "README.fa.md"])

first_screen = script("first_screen")


@dataclass(frozen=True)
class Running:
    """The one verifier, its course, and what it found in the README's hand-in and in CONTRIBUTING's module."""

    verifier: Verifier
    course: Course
    module: str  # the README's student's
    verdict: Verdict

    def of(self, question: str) -> list[Finding]:
        return [finding for finding in self.verdict.findings if finding.check.question == question]

    @property
    def pictured(self) -> Finding:
        return next(f for f in self.of(first_screen.QUESTION) if f.check.part == first_screen.PART)


def question_of_the_readme() -> Question:
    return find_course(ROOT).assignment(first_screen.ASSIGNMENT).question(first_screen.QUESTION)


def course_of_the_pages(folder: Path) -> Course:
    """The course in `folder`: one assignment, hw6, with the three questions."""
    question = question_of_the_readme()
    home = folder / "solutions" / "hw6"
    home.mkdir(parents=True)
    for path in question.source.parent.glob(f"*{question.id}*.*"):
        shutil.copy(path, home)
    examples = [block for block in blocks(CONTRIBUTING, "python") if "@points(" in block]
    (module,) = [block for block in blocks(CONTRIBUTING, "python") if block.startswith('"""One function for each')]
    (home / f"{EXAMPLES}.py").write_text(module, encoding="utf-8")
    checks = "\n\n".join(examples).replace('part="q1a"', 'part="q9a"')  # q1a is what `grader new` writes
    (home / f"test_{EXAMPLES}.py").write_text(checks, encoding="utf-8")
    parts = "\n".join(f'parts."{part}" = {{ en = "{title.en}" }}' for part, title in question.parts.items())
    (home / "assignment.toml").write_text(
        f'title = {{ en = "Pages" }}\nquestions = ["{question.id}", "{EXAMPLES}"]\n'
        f'[question.{question.id}]\ntitle = {{ en = "Of the README" }}\n{parts}\n'
        f'[question.{EXAMPLES}]\ntitle = {{ en = "Of CONTRIBUTING" }}\nparts.q9a = {{ en = "All of it" }}\n',
        encoding="utf-8",
    )
    (home.parent / "draw.key").write_text("pages" * 7, encoding="utf-8")
    (folder / "course.toml").write_text(
        'id = "pages"\ntitle = {en = "Pages", fa = "صفحه‌ها"}\nterm = "t"\nassignments = ["hw6"]\n', encoding="utf-8"
    )
    new_question(find_course(folder), "hw6/q1_mean")
    return find_course(folder)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    course = course_of_the_pages(tmp_path_factory.mktemp("pages"))
    module = first_screen.hand_in(question_of_the_readme())
    examples = (course.solutions / "hw6" / f"{EXAMPLES}.py").read_bytes()
    started = Verifier(course.root, "hw6", trusted=True)
    try:
        files = {f"{first_screen.QUESTION}.py": module.encode(), f"{EXAMPLES}.py": examples}
        verdict = started.grade(Submission("you", "", files), 0)
        assert isinstance(verdict, Verdict), verdict
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
    with Image.open(first_screen.PICTURE) as picture:
        drawn = json.loads(picture.info["facts"])

    assert drawn == first_screen.shown(question_of_the_readme(), running.pictured)
    assert first_screen.PICTURE.stat().st_size < 300_000  # bytes: it is on the first screen


@both
def test_the_picture_is_put_in_words(page: str, running: Running) -> None:
    """Whoever cannot see the picture reads the answer and the hint in its description."""
    described = re.search(r"!\[(.*)\]\(docs/first-screen\.png\)", page)

    assert described is not None
    assert running.pictured.message.in_language("fa" if page is PERSIAN else "en") in described[1]
    assert "[[10, 7], [5, -4]]" in described[1]


class Lent:
    """The running verifier, for one question alone; whoever asked for it does not close it."""

    def __init__(self, verifier: Verifier) -> None:
        self.verifier, self.checks = verifier, verifier.checks

    def grade(self, submission: Submission, variant: int, **more: Any) -> Verdict:
        found = self.verifier.grade(submission, variant, **more)
        assert isinstance(found, Verdict), found
        return replace(found, findings=tuple(f for f in found.findings if f.check.question == first_screen.QUESTION))

    def close(self) -> None:
        """It stays open."""


@both
def test_the_students_session_is_real(
    page: str, running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the README shows a student is what `grader check` prints; `[...]` stands for lines left out."""
    (tmp_path / f"{first_screen.QUESTION}.py").write_text(running.module, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # examples run in a child process
    monkeypatch.setattr("grader.checking.verifier.Verifier", lambda *a, **k: Lent(running.verifier))
    lang = " --lang fa" if page is PERSIAN else ""

    for typed in (f"check q2{lang}", f"check q2 --hidden{lang}"):
        _, *shown = session(page, f"grader {typed}")
        printed = CliRunner().invoke(main, [*typed.split(), "--course", str(running.course.root)]).output
        pattern = "".join(r"(?:.*\n)+?" if line == "[...]" else re.escape(line) + r"\n" for line in shown)
        assert re.fullmatch(pattern, printed), printed


def proved(running: Running) -> list[str]:
    """The lines that `grader verify hw6/q1_mean` prints, without the times."""
    assignment = running.course.assignment("hw6")
    lines = []
    for proof in prove([assignment.question("q1_mean")], running.verifier):
        lines.append(f"{'FAIL' if proof.faults else 'ok  '} {proof.question} {proof.name}")
        lines += [f"     {fault}" for fault in proof.faults]
    return lines


def without_times(lines: list[str]) -> list[str]:
    return [re.sub(r" \(\d+\.\d\d s\)$", "", line) for line in lines]


def test_the_authors_session_is_real(running: Running, tmp_path: Path) -> None:
    """`new`, `verify` and `sync` write and say what the README shows, in both languages."""
    (tmp_path / "solutions").mkdir()
    shutil.copy(running.course.root / "course.toml", tmp_path)
    written = new_question(find_course(tmp_path), "hw6/q1_mean")
    files = generated(find_course(tmp_path).assignment("hw6"))
    lines = without_times(session(README, "grader new hw6/q1_mean"))

    assert lines == without_times(session(PERSIAN, "grader new hw6/q1_mean"))
    assert lines[1:5] == [f"wrote {path.relative_to(tmp_path)}" for path in written]
    assert lines[6:10] == ["$ grader verify hw6/q1_mean", *proved(running)]
    assert lines[10:] == ["$ grader sync hw6", *(f"wrote exercises/hw6/{name}" for name in files)]


def test_a_mistake_that_is_none_is_told_as_the_readme_shows(running: Running) -> None:
    """A mistake that earns something else fails its proof, in the words that the README shows."""
    path = running.course.solutions / "hw6" / "mistakes" / "q1_mean" / "sum_for_mean.py"
    before = path.read_text(encoding="utf-8")
    shown = without_times(session(README, "grader verify hw6/q1_mean"))[1:]
    try:
        path.write_text(before.replace("np.sum(x)", "np.max(x)"), encoding="utf-8")
        told = proved(running)
    finally:
        path.write_text(before, encoding="utf-8")

    assert shown[:-2] == told[:-1]
    assert told[-1].startswith(shown[-2].removesuffix("[...]"))
    assert shown[-1] == "1 proof failed."


@both
def test_the_instructors_session_has_the_right_scores(page: str) -> None:
    """The scores that the README shows for members of the sample class are those that the class must get."""
    lines = session(page, "mkdir hand-ins && cp -r demo/submitted/{bahar,mix2,x-loops} hand-ins")
    assignment = find_course(ROOT).assignment("hw5")
    shown = {name: float(points) for name, points, *_ in (line.split(",") for line in lines[-3:])}
    low, middle, high = sorted(shown.values())

    assert set(shown) == {"bahar", "mix2", "x-loops"}
    assert shown == {m.id: expected_score(assignment, m) for m in members(assignment) if m.id in shown}
    assert any(f"scores {low:g} to {high:g}, median {middle:g}." in line for line in lines)


RELEASED = {  # what the page calls it -> the names of such files
    "stubs": r"q\d_\w+\.py",
    "statements": r"README(\.fa)?\.md",
    "`essays.md`": r"essays\.md",
    "report card": r"hw5\.ipynb",
    "`requirements.txt`": r"requirements\.txt",
    "VS Code's settings": r"\.vscode/\w+\.json",
    "wheel": r"dlgrader-.*\.whl",
    "`training/q7_inception.ipynb`": r"training/q7_inception\.ipynb",
    "cards of its data sets": r"datasets/(cifar10|phantoms)\.toml",
}


def test_the_release_is_as_the_page_shows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`grader release hw5` in a new course prints what docs/nbgrader.md shows, which names all that is in it."""
    course = new_course(find_course(ROOT), tmp_path / "dl-2026", ("hw5",))
    monkeypatch.chdir(course.root)
    monkeypatch.setattr("grader.exchange.nbgrader", lambda *words: "")  # its own program, which takes seconds
    page = text_of("docs/nbgrader.md")
    _, *shown = session(page, "grader release hw5")
    told = CliRunner().invoke(main, ["release", "hw5"])
    files = [p for p in (course.root / "released" / "hw5").rglob("*") if p.is_file()]
    names = [path.relative_to(course.root / "released" / "hw5").as_posix() for path in files]
    kinds = {name: [kind for kind, form in RELEASED.items() if re.fullmatch(form, name)] for name in names}
    about = page.partition("In it are ")[2].partition("\n\n")[0]

    assert told.stdout.replace(str(course.root), "/home/me/dl-2026").splitlines() == shown, told.output
    assert {name: kind for name, kind in kinds.items() if len(kind) != 1} == {}
    assert {kind for (kind,) in kinds.values()} == {kind for kind in RELEASED if kind in about} == set(RELEASED)


def test_every_field_of_the_results_is_explained(running: Running) -> None:
    """docs/marksheet.md has a row for each key of a marksheet and of its run file, and for no other."""
    rows = set(re.findall(r"^\| `(\w+)` \|", text_of("docs/marksheet.md"), re.MULTILINE))
    assignment = running.course.assignment("hw6")
    order = run.Order(running.course, assignment, ROOT, ROOT)
    circumstances = run._circumstances(order, SimpleNamespace(isolation=3, gpu="")) | {"no_essay": []}
    made = score(running.course, assignment, Submission("you", "", {}), running.verdict, circumstances)
    (question, *_), (training, *_) = made.sheet["questions"], made.run["trainings"]
    lowest = {*question["checks"][0], *training, *(key for told in made.run["checks"].values() for key in told)}

    assert rows == {*made.sheet, *made.sheet["manifest"], *made.run, *question, *lowest}
