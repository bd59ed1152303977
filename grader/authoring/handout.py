"""What a student receives beside the stubs: README.md, README.fa.md and essays.md of an assignment."""

from __future__ import annotations

from collections.abc import Iterator

from grader.authoring.part_points import part_points
from grader.course import Assignment, Essay
from grader.labels import part_label
from grader.pages.markdown import left_to_right
from grader.pages.text import number


def readme(assignment: Assignment) -> str:
    """The English page: how to work, and every part with its points."""
    doctest = f"python -m doctest {assignment.questions[0].file}"
    lines = [
        f"# {assignment.title.en}",
        "",
        "Fill the functions in each module; the examples in their docstrings are yours to run:",
        "",
        f"    {doctest}     # nothing but Python",
        f"    {'grader check':{len(doctest)}}     # all of them, with what is not written yet",
        "",
        "Beside each part stands its name in the module: docstrings, and headings in `essays.md`, begin with it.",
        "Essays go under their headings. A part marked + is a bonus.",
        "",
        "| part | in the module | what | points |",
        "|---|---|---|---|",
        *_rows(assignment, "en"),
    ]
    return "\n".join([*lines, ""])


def readme_fa(assignment: Assignment) -> str:
    """The Persian page: the same table, and every question's statement."""
    lines = [
        '<div dir="rtl">',
        "",
        f"# {assignment.title.fa}",
        "",
        "تابع‌های هر پرونده را بنویسید. مثال‌های درون توضیح هر تابع را خودتان می‌توانید اجرا کنید:",
        "",
        '<div dir="ltr">',
        "",
        f"    python -m doctest {assignment.questions[0].file}",
        "    grader check --lang fa",
        "",
        "</div>",
        "",
        "کنار هر بخش نام آن در پرونده آمده است: توضیح تابع‌ها و سرعنوان‌های `essays.md` با همان آغاز می‌شود.",
        "پاسخ پرسش‌های تشریحی را زیر سرعنوانشان در `essays.md` بنویسید. نشانهٔ + یعنی امتیازی.",
        "",
        "| بخش | در پرونده | عنوان | نمره |",
        "|---|---|---|---|",
        *_rows(assignment, "fa"),
    ]
    for question in assignment.questions:
        lines += [
            "",
            f"## {question.title.in_language('fa')}",
            "",
            f"پرونده: `{question.file}`",
            "",
            left_to_right(question.persian.get("statement", "").strip()),
        ]
    return "\n".join([*lines, "", "</div>", ""])


def essays(assignment: Assignment) -> str:
    """The page that students write essays in: a heading a part, prompt and what is judged in the course's languages."""
    how = [
        "Write below each line `Answer:`; keep the headings as they are.",
        "The list under a prompt says what is judged, and with how many points.",
    ]
    none = ["This assignment asks for none."]
    lines = [f"# {assignment.title.en}: essays", "", *(how if assignment.essays else none), ""]
    for essay in assignment.essays:
        bonus = ", bonus" if essay.bonus else ""
        lines += [
            f"## {essay.part}, {part_label(essay.part)}: {essay.title.en}",
            "",
            f"{essay.prompt.en} ({number(essay.points)} point{'' if essay.points == 1 else 's'}{bonus})",
            "",
            *(f"* {number(line.points)}: {line.judged.en}" for line in essay.rubric),
            *(_essay_fa(essay) if essay.prompt.fa else ()),
            "",
            "Answer:",
            "",
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def _essay_fa(essay: Essay) -> list[str]:
    label, title = part_label(essay.part, "fa"), essay.title.in_language("fa")
    points = f"{number(essay.points, 'fa')} نمره{'، امتیازی' if essay.bonus else ''}"
    rubric = (f"* {number(line.points, 'fa')}: {line.judged.in_language('fa')}" for line in essay.rubric)
    return [
        "",
        '<div dir="rtl">',
        "",
        left_to_right(f"**{label}، {title}.** {essay.prompt.fa} ({points})"),
        "",
        *map(left_to_right, rubric),
        "",
        "</div>",
    ]


def _rows(assignment: Assignment, lang: str) -> Iterator[str]:
    """The table's lines: each question, then its parts and essays with their points."""
    worth = part_points(assignment)
    for question in assignment.questions:
        yield f"| | **`{question.file}`** | **{question.title.in_language(lang)}** | |"
        essays = {essay.part: essay.title for essay in assignment.essays if essay.question == question.id}
        for part, title in [*question.parts.items(), *essays.items()]:
            points = number(worth[part], lang) + ("+" if part in assignment.bonus else "")
            yield f"| {part_label(part, lang)} | `{part}` | {title.in_language(lang)} | {points} |"
