"""A small assignment and marksheets of it, as the grader writes them: what the tests of both pages are made of."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

from grader.course import Assignment, Essay, Question, RubricLine
from grader.records import Marksheet, Text

QUESTIONS = {
    "q1_learning_rates": (
        Text("Learning rates and saddle points", "نرخ یادگیری و نقطهٔ زینی"),
        {
            "q1a": Text("Stability threshold", "مرز پایداری"),
            "q1b": Text("Steps to tolerance", "تعداد گام تا رسیدن به دقت"),
        },
    ),
    "q2_conv_backprop": (
        Text("Back-propagation through a convolution", "پس‌انتشار از لایهٔ کانولوشن"),
        {
            "q2.dF": Text("Gradient of the filter", "گرادیان فیلتر"),
            "q2.dX": Text("Gradient of the input", "گرادیان ورودی"),
            "q2.code": Text("General convolution backward", "پس‌انتشار کانولوشن در حالت کلی"),
        },
    ),
    "q6_one_by_one": (
        Text("Filters of one by one", "فیلترهای یک در یک"),
        {
            "q6b": Text("1x1 as a matrix product", "فیلتر ۱×۱ به صورت ضرب ماتریسی"),
            "q6th": Text("When it does not pay", "چه زمانی مفید نیست"),
        },
    ),
    "q7_inception": (
        Text("An Inception module, and CIFAR-10 at 80 %", "ماژول Inception و دقت ۸۰٪ روی CIFAR-10"),
        {"q7d": Text("Build the module", "ساخت ماژول"), "q7e": Text("Accuracy on CIFAR-10", "دقت روی CIFAR-10")},
    ),
}
SCORES = [(2.0, 1.0, 6.0), (1.0, 1.0, 3.0), (2.0, 0.5, 4.5), (0.0, 0.0, 0.0), (1.5, 0.0, 6.0)]  # q1a, q1b, q2.dF earned


def an_essay(part: str, question: str, points: int, companion: str = "", bonus: bool = False) -> Essay:
    title = Text("Learning rate too high", "نرخ یادگیری بیش از حد بالا")
    rubric = (RubricLine(Fraction(points), Text("consequence", "پیامد")),)
    return Essay(part, question, title, Text("What happens?", "چه رخ می‌دهد؟"), rubric, companion, bonus)


def an_assignment() -> Assignment:
    folder = Path("solutions/hw5")
    questions = tuple(
        Question(q, title, folder / f"{q}.py", Path(f"exercises/hw5/{q}.py"), folder / f"{q}.fa.toml", parts)
        for q, (title, parts) in QUESTIONS.items()
    )
    essays = (an_essay("q1a.essay", "q1_learning_rates", 2, "q1a"), an_essay("q7a.essay", "q7_inception", 3))
    title = Text("Optimisation, convolution and Inception", "بهینه‌سازی، کانولوشن و Inception")
    return Assignment("hw5", folder, title, questions, essays, frozenset({"q7e"}))


def a_check(
    check: str, part: str, points: float, outcome: str = "passed", earned: float | None = -1.0, **more: Any
) -> dict[str, Any]:
    """One check of a marksheet; `earned` is by default what the outcome says, `says` and `message` are (en, fa)."""
    usual = {"passed": points, "manual": None, "ungraded": None}.get(outcome, 0.0)
    says = more.get("says", ("The answer is right on fresh sizes.", "پاسخ برای اندازه‌های تازه درست است."))
    message = more.get("message", ("", ""))
    return {
        "id": check,
        "part": part,
        "points": points,
        "earned": usual if earned == -1.0 else earned,
        "bonus": more.get("bonus", False),
        "outcome": outcome,
        "says": dict(zip(("en", "fa"), says, strict=True)),
        "message": dict(zip(("en", "fa"), message, strict=True)),
    }


def a_sheet(
    student: str = "s042", questions: dict[str, list[dict[str, Any]]] | None = None, **manifest: Any
) -> dict[str, Any]:
    """The marksheet of `student` with these checks by question (default: one of every outcome)."""
    rows = []
    for question, checks in (questions or every_outcome()).items():
        title, _ = QUESTIONS[question]
        score = sum(c["earned"] or 0 for c in checks)
        most = sum(c["points"] for c in checks if not c["bonus"] and c["outcome"] != "manual")
        rows.append(
            {"id": question, "title": title.as_json(), "score": round(score, 2), "max_score": most, "checks": checks}
        )
    bonus = sum(c["points"] for row in rows for c in row["checks"] if c["bonus"])
    versions = {
        "grader": "0.1.0",
        "python": "3.11.2",
        "torch": "2.13.0",
        "profile": "quick",
        "data": {"cifar10": "stand-in"},
    }
    return {
        "schema": 1,
        "course": "deep-learning",
        "assignment": "hw5",
        "student": student,
        "submitted_at": "2026-10-04T23:11:42+03:30",
        "score": round(sum(row["score"] for row in rows), 2),
        "max_score": sum(row["max_score"] for row in rows),
        "bonus_points": bonus,
        "manual_points": 5.0,
        "manual_bonus": 0.0,
        "questions": rows,
        "manifest": {**versions, "submission_sha256": "9f2c41d07be8a6cf" * 4, **manifest},
    }


def marksheets(sheets: Iterable[dict[str, Any]], runs: Iterable[dict[str, Any]] = ()) -> list[Marksheet]:
    """Each with the run file of its student; without one where there is none."""
    by_student = {run["student"]: run for run in runs}
    return [Marksheet(sheet["student"], sheet, by_student.get(sheet["student"], {})) for sheet in sheets]


def a_class() -> list[dict[str, Any]]:
    """Five students with the points of SCORES."""
    return [a_student(f"s{i}", *earned) for i, earned in enumerate(SCORES)]


def a_student(name: str, first: float, second: float, third: float) -> dict[str, Any]:
    learning = [graded("q1a", 2.0, first), graded("q1b", 1.0, second)]
    return a_sheet(name, {"q1_learning_rates": learning, "q2_conv_backprop": [graded("q2.dF", 6.0, third)]})


def graded(part: str, points: float, earned: float, message: str = "") -> dict[str, Any]:
    outcome = "passed" if earned == points else "partial" if earned else "failed"
    return a_check(f"test_{part}", part, points, outcome, earned, message=(message, message))


def every_outcome() -> dict[str, list[dict[str, Any]]]:
    """Checks of every outcome, with the sentences that a student would read."""
    return {
        "q1_learning_rates": [
            a_check("test_threshold", "q1a", 2.0, says=(
                "The largest stable rate is set by the steepest direction.",
                "بزرگ‌ترین نرخ پایدار را تندترین جهت تعیین می‌کند.")),
            a_check("test_steps", "q1b", 1.0, "failed", says=(
                "The smallest number of steps is returned, and `None` where the path never arrives.",
                "کمترین تعداد گام برگردانده می‌شود و اگر مسیر هرگز نرسد، `None`."),
                message=("At lr = 2.5 the path never arrives; yours says it takes 4 steps.",
                         "برای lr = 2.5 مسیر هرگز نمی‌رسد؛ پاسخ شما 4 گام است.")),
        ],
        "q2_conv_backprop": [
            a_check("test_gradient_of_the_filter", "q2.dF", 6.0, "partial", 3.6, says=(
                "The filter's gradient sums the input under the four windows, a quarter each.",
                "گرادیان فیلتر، ورودیِ زیر چهار پنجره را با وزن یک‌چهارم جمع می‌کند."),
                message=("The average's 1/4 is missing: a mean of four values passes on a quarter of its gradient.",
                         "ضریب 1/4 میانگین جا افتاده است: میانگین چهار مقدار، یک‌چهارم گرادیان را به هر کدام می‌دهد.")),
            a_check("test_gradient_of_the_input", "q2.dX", 6.0, "unwritten",
                message=("Not written yet.", "هنوز نوشته نشده است.")),
            a_check("test_any_size", "q2.code", 2.0, says=(
                "Both gradients agree with automatic differentiation on twenty sizes.",
                "هر دو گرادیان روی بیست اندازه با مشتق‌گیری خودکار یکی است.")),
            a_check("test_one_by_one_filter", "q2.code", 1.0, "crashed", says=(
                "A filter of one by one and a filter as large as the input work as well.",
                "فیلتر یک در یک و فیلتری به بزرگی ورودی هم کار می‌کند."),
                message=("Your code raised ValueError: operands could not be broadcast (q2_conv_backprop.py, line 41)",
                         "کد شما خطای ValueError داد: operands could not be broadcast (q2_conv_backprop.py, line 41)")),
        ],
        "q6_one_by_one": [
            a_check("test_conv1x1", "q6b", 3.0, says=(
                "It agrees with `torch.nn.functional.conv2d` on ten shapes (N, C, H, W).",
                "روی ده شکل (N, C, H, W) با `torch.nn.functional.conv2d` یکی است.")),
            a_check("test_saving", "q6th", 1.0, "manual", says=(
                "The ratio counts multiply-adds, not parameters.",
                "نسبت، ضرب و جمع‌ها را می‌شمارد، نه پارامترها را.")),
        ],
        "q7_inception": [
            a_check("test_counts", "q7d", 3.0, says=(
                "The module has as many parameters as its branches ask for; height and width stay.",
                "تعداد پارامترهای ماژول همان است که شاخه‌هایش می‌خواهند؛ ارتفاع و عرض ثابت می‌ماند.")),
            a_check("test_branches", "q7d", 4.0, "ungraded", says=(
                "Every branch fills its own slice of the channels.",
                "هر شاخه برش خودش از کانال‌ها را پر می‌کند."),
                message=("The check ran out of memory on our side; it will be run again.",
                         "حافظهٔ ما برای این بررسی کم آمد؛ دوباره اجرا می‌شود.")),
            a_check("test_accuracy_on_unseen_images", "q7e", 10.0, "partial", 6.0, bonus=True, says=(
                "Trained from scratch, the network labels 80 % of unseen images; credit begins at 60 %.",
                "شبکه پس از آموزش از صفر، ۸۰٪ تصویرهای ندیده را درست می‌نامد؛ نمره از ۶۰٪ آغاز می‌شود."),
                message=("Your network reached 74.2 % (mean of 2 seeds); the next bar is 80 %.",
                         "شبکهٔ شما به 74.2 % رسید (میانگین 2 دانه)؛ مرز بعدی 80 % است.")),
        ],
    }  # fmt: skip


def measured(accuracy: float, rows: int = 2000, **more: Any) -> dict[str, Any]:
    """One accuracy of a training, as its run file has it: of unseen rows."""
    return {"rows": rows, "accuracy": accuracy, "trained_on": False, **more}


def a_run(student: str = "s042", **more: Any) -> dict[str, Any]:
    """The run file beside that marksheet."""
    losses = [2.3 * 0.86**epoch + 0.35 for epoch in range(14)]
    training = {"part": "q7e", "seed": 1, "seconds": 81.4, "device": "cpu", "losses": losses}
    training["accuracies"] = [measured(0.739, bar=0.8)]
    again = {
        **training,
        "seed": 2,
        "accuracies": [measured(0.745, bar=0.8)],
        "losses": [1.03 * x + 0.05 * (i % 2) for i, x in enumerate(losses)],
    }
    run: dict[str, Any] = {
        "schema": 1,
        "student": student,
        "assignment": "hw5",
        "seconds": 171.3,
        "started_at": "2026-10-05T08:00:00+00:00",
        "host": "lab-3",
        "device": "cpu",
        "isolation": 3,
        "workers": 2,
        "notes": [
            {"en": "q2_conv_backprop.py was graded; the notebook's cells for it were left out.",
             "fa": "پروندهٔ q2_conv_backprop.py تصحیح شد؛ خانه‌های دفترچه برای این سؤال کنار گذاشته شد."},
            {"en": "essays.md has answers to 2 of 2 essays.", "fa": "پروندهٔ essays.md پاسخ ۲ پرسش از ۲ پرسش را دارد."},
        ],
        "checks": {
            "q2_conv_backprop::test_one_by_one_filter": {"seconds": 0.1, "detail": "ValueError\nexpected shape (1, 1)"},
            "q7_inception::test_branches": {"seconds": 9.8, "detail": "verifier: MemoryError in test_branches"},
        },
        "figures": [],
        "trainings": [training, again],
    }  # fmt: skip
    return {**run, **more}


def a_picture(width: int = 240, height: int = 120) -> bytes:
    """A PNG of one light grey, made by hand: signature, header, one compressed block, end."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + b"\xd8" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
