"""Makes docs/first-screen.png, the README's picture: a real stub, a real wrong answer, and the real hint that it gets.

    python docs/first_screen.py

Needs Chromium on the path, and the fonts Inter, JetBrains Mono and Vazirmatn to look as it does here. What was drawn is
written into the PNG as text, so that a test can tell when the engine or the question has moved on.
"""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngInfo
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from grader.authoring.stub import stub_of
from grader.checking.verifier import Verifier
from grader.course import Question, find_course
from grader.pages.text import number, prose
from grader.phrases import phrase
from grader.records import Finding, Submission, Verdict

ROOT = Path(__file__).resolve().parent.parent
PICTURE, TEMPLATE = ROOT / "docs" / "first-screen.png", "first-screen.html"
ASSIGNMENT, QUESTION, FUNCTION, PART, MISTAKE = "hw5", "q2_conv_backprop", "grad_filter", "q2.dF", "forgot_the_quarter"
WIDTH, ROOM, SCALE = 1000, 1000, 2  # CSS pixels: the page's width, more height than it needs; and pixels to each
MARGIN = 28  # CSS pixels below the cards, as beside them
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    f"--force-device-scale-factor={SCALE}",
)
CUT = "⋯"


def answers(mistake: Path) -> dict[str, Any]:
    """What each function of a mistake file returns, where it is a literal."""
    tree = ast.parse(mistake.read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {
        f.name: ast.literal_eval(r.value) for f in functions for r in f.body if isinstance(r, ast.Return) and r.value
    }


def filled(stub: str, function: str, answer: list[list[float]]) -> str:
    """The stub with the cells `...` of one function's form filled in, row by row."""
    head, form = _split_at_form(stub, function)
    for cell in (cell for row in answer for cell in row):
        form = form.replace("...", str(cell), 1)
    return head + form


def form_of(module: str, function: str) -> list[str]:
    """The lines of a function's return statement."""
    _, form = _split_at_form(module, function)
    lines = form.splitlines()
    return lines[: lines.index("    ]") + 1]


def hand_in(question: Question) -> str:
    """The student's module: the stub, with the mistake's answers in its forms."""
    module = stub_of(question.source)
    (path,) = [path for path in question.mistakes if path.stem == MISTAKE]
    for function, answer in answers(path).items():
        module = filled(module, function, answer)
    return module


def judged(verifier: Verifier, module: str) -> list[Finding]:
    """What the hidden checks find in the module."""
    verdict = verifier.grade(Submission("you", "", {f"{QUESTION}.py": module.encode()}), 0)
    assert isinstance(verdict, Verdict), verdict
    return list(verdict.findings)


def shown(question: Question, finding: Finding) -> dict[str, Any]:
    """Everything that the picture says, as plain data."""
    stub, module = stub_of(question.source), hand_in(question)
    assert finding.share is not None
    return {
        "path": f"exercises/{ASSIGNMENT}/{QUESTION}.py",
        "stub": _ten_lines(stub),
        "given": {name: rows for name, rows in _given(stub).items() if isinstance(rows, list)},
        "answer": [line.removeprefix("    ") for line in form_of(module, FUNCTION)],
        "part": PART,
        "title": question.parts[PART].as_json(),
        "outcome": phrase(f"page.outcome.{finding.outcome}").as_json(),
        "points": float(finding.check.points),
        "earned": float(finding.check.points * finding.share),
        "hint": finding.message.as_json(),
    }


def page(facts: dict[str, Any]) -> str:
    """The picture as HTML."""
    cards = []
    for lang in ("en", "fa"):
        earned, points = (number(facts[key], lang) for key in ("earned", "points"))
        cards.append(
            {
                "lang": lang,
                "dir": "rtl" if lang == "fa" else "ltr",
                "title": facts["title"][lang],
                "outcome": facts["outcome"][lang],
                "points": phrase("page.of", earned=earned, points=points).in_language(lang),
                "hint": prose(facts["hint"][lang], lang),
            }
        )
    templates = Environment(loader=FileSystemLoader(ROOT / "docs"), autoescape=True)
    return templates.get_template(TEMPLATE).render(
        path=facts["path"],
        stub=_coloured(facts["stub"]),
        answer=_coloured(facts["answer"]),
        given=facts["given"],
        part=facts["part"],
        width=100 * facts["earned"] / facts["points"],
        cards=cards,
    )


def draw(facts: dict[str, Any], target: Path) -> None:
    """The page as a PNG, with its facts inside."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    if browser is None:
        sys.exit("There is no Chromium on the path: install it, then run this again.")
    with tempfile.TemporaryDirectory() as folder:
        html, raw = Path(folder) / "page.html", Path(folder) / "raw.png"
        html.write_text(page(facts), encoding="utf-8")
        places = (f"--user-data-dir={folder}/profile", f"--window-size={WIDTH},{ROOM}", f"--screenshot={raw}")
        subprocess.run([browser, *FLAGS, *places, html.as_uri()], check=True, capture_output=True, timeout=120)
        said = PngInfo()
        said.add_itxt("facts", json.dumps(facts, ensure_ascii=False))
        with Image.open(raw) as picture:
            _without_empty_rows(picture.convert("RGB")).save(target, optimize=True, pnginfo=said)


def _without_empty_rows(picture: Image.Image) -> Image.Image:
    """Cut below the last thing drawn, in 256 colours."""
    paper = Image.new("RGB", picture.size, picture.getpixel((0, 0)))
    drawn = ImageChops.difference(picture, paper).point(lambda value: 255 * (value > 8)).getbbox()  # 8: a shadow's edge
    assert drawn is not None
    return picture.crop((0, 0, picture.width, drawn[3] + SCALE * MARGIN)).quantize(256, dither=Image.Dither.NONE)


def _split_at_form(module: str, function: str) -> tuple[str, str]:
    start = module.index("\n    return ", module.index(f"def {function}(")) + 1
    return module[:start], module[start:]


def _given(stub: str) -> dict[str, Any]:
    values = [
        n.value for n in ast.parse(stub).body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "GIVEN"
    ]
    return dict(ast.literal_eval(values[0]))


def _ten_lines(stub: str) -> list[str]:
    """Signature, the docstring's first three lines, what is cut, and the form."""
    lines = stub[stub.index(f"def {FUNCTION}(") :].splitlines()
    return [*lines[:4], f"    {CUT}", '    """', *form_of(stub, FUNCTION)]


def _coloured(lines: list[str]) -> list[Markup]:
    html = highlight("\n".join(lines), PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    return [Markup(line) for line in html.rstrip("\n").split("\n")]


def main() -> None:
    course = find_course(ROOT)
    question = course.assignment(ASSIGNMENT).question(QUESTION)
    verifier = Verifier(course.root, ASSIGNMENT, trusted=True, questions=[QUESTION])
    try:
        findings = judged(verifier, hand_in(question))
    finally:
        verifier.close()
    facts = shown(question, next(finding for finding in findings if finding.check.part == PART))
    draw(facts, PICTURE)
    print(f"wrote {PICTURE.relative_to(ROOT)}, {PICTURE.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
