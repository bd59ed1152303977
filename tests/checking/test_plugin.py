"""Hidden checks are ordinary pytest: what each must say about itself, and that other people's tests are left alone."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.checking.collected import FIXTURES
from grader.checking.plugin import TooDear, course_of, processor_time
from tests.sample_course import SAMPLE, python

PLUGIN = ("-p", "grader.checking.plugin", "-p", "no:cacheprovider", "--import-mode=importlib")


@pytest.fixture
def collected(pytester: pytest.Pytester, course_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """What pytest says when it collects q1's checks with these lines after them."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # where grader is installed, it would be loaded twice

    def collect(text: str) -> str:
        with (course_folder / "solutions" / "hw1" / "test_q1_rows.py").open("a", encoding="utf-8") as file:
            file.write(text)
        ended = pytester.runpytest_inprocess("--collect-only", "-q", *PLUGIN, str(course_folder / "solutions" / "hw1"))
        return "\n".join([*ended.outlines, *ended.errlines])

    return collect


CHECK = '\n\n@points({}, part="q1a")\ndef test_more(submission{}):\n    """More."""\n'
FIXTURE = '\n\nimport pytest\n\n\n@pytest.fixture(scope="{}"{})\ndef shared():\n    return []\n'
REFUSED = {
    "no points": (
        '\n\ndef test_more(submission):\n    """More."""\n',
        "test_q1_rows.py: test_more has no @points: say what the check is worth and for which part.",
    ),
    "an unknown part": (
        CHECK.format(1, "").replace("q1a", "q9"),
        "test_more is for the part 'q9'; q1_rows has q1a, q1b, q1c: name one of these, or",
    ),
    "no docstring": (
        CHECK.format(1, "").replace('"""More."""', "pass"),
        "test_more has no docstring: it is the sentence that the student reads.",
    ),
    "an unknown fixture": (
        CHECK.format(1, ", drew"),
        "test_q1_rows.py: test_more asks for a fixture drew, and there is none; "
        "ours are submission, solution, draw, given, dataset, bars, profile.",
    ),
    "a fixture that asks for an unknown one": (
        FIXTURE.format("function", "").replace("shared()", "shared(drew)") + CHECK.format(1, ", shared"),
        "test_more asks for a fixture drew, and there is none",
    ),
    "a name that another check has": (
        CHECK.format(1, "") * 2,
        "test_q1_rows.py has test_more twice, of which Python keeps the last: rename one.",
    ),
    "points that are no quarters": (
        CHECK.format(0.3, ""),
        "ValueError: @points(0.3): a positive multiple of 0.25 was asked.",
    ),
    **{
        f"a fixture of scope {scope}": (
            FIXTURE.format(scope, "") + CHECK.format(1, ", shared"),
            f"test_more uses the fixture shared of scope {scope}; only function scope is safe.",
        )
        for scope in ("class", "module", "package", "session")
    },
    "a fixture that comes by itself": (
        FIXTURE.format("module", ", autouse=True"),
        "uses the fixture shared of scope module; only function scope is safe.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_check_that_says_too_little_is_a_collection_error(collected: Callable[[str], str], case: str) -> None:
    """One sentence that names file and check; nothing is run."""
    text, sentence = REFUSED[case]

    said = collected(text)

    assert sentence in said
    assert "Traceback" not in said


def test_without_its_key_a_course_is_refused_before_anything_is_judged(
    collected: Callable[[str], str], course_folder: Path
) -> None:
    """Said once, and not by every check as something that nobody could judge."""
    (course_folder / "solutions" / "draw.key").unlink()

    assert "draw.key is missing: the hidden checks draw their inputs with it" in collected("")


VARIANTS = {
    "a key that GIVEN has not": ("[[variant]]\na = [1, 2]\nc = [1]\n", "variant 1 has a, c; GIVEN has a, b."),
    "one table for a list of them": ("[variant]\na = [1, 2]\nb = [1]\n", "[[variant]] tables and nothing else"),
    "a table of another name": ("[[variants]]\na = [1, 2]\nb = [1]\n", "[[variant]] tables and nothing else"),
    "no list of tables": ("variant = [1]\n", "[[variant]] tables and nothing else"),
    "a stray key": ("a = 1\n[[variant]]\na = [1, 2]\nb = [1]\n", "[[variant]] tables and nothing else"),
}


@pytest.mark.parametrize("case", VARIANTS)
def test_variants_that_cannot_be_used_are_a_collection_error(
    collected: Callable[[str], str], course_folder: Path, case: str
) -> None:
    """Who has the first numbers would not meet the fault, and whoever has others would find nothing judged."""
    text, sentence = VARIANTS[case]
    (course_folder / "solutions" / "hw1" / "q2_table.variants.toml").write_text(text, encoding="utf-8")

    said = collected("")

    assert f"q2_table.variants.toml: {sentence}" in said
    assert "Traceback" not in said


def test_checks_of_no_question_are_a_collection_error(collected: Callable[[str], str], course_folder: Path) -> None:
    """A file whose name no question has would give points that nobody sees."""
    (course_folder / "solutions" / "hw1" / "test_q9_gone.py").write_text(
        f"from grader import points\n{CHECK.format(1, '')}", encoding="utf-8"
    )

    assert "test_q9_gone.py belongs to no question of hw1; its name must be test_<question>.py." in collected("")


def test_checks_may_have_fixtures_of_their_own(collected: Callable[[str], str]) -> None:
    """A fixture of function scope is as safe as a helper."""
    said = collected(FIXTURE.format("function", "") + CHECK.format(0.25, ", shared, tmp_path"))

    assert "test_q1_rows.py::test_more" in said


def test_what_pytest_and_the_author_hand_to_a_check_is_known(collected: Callable[[str], str]) -> None:
    """Our fixtures, the request, and what the check is repeated for."""
    rows = '\n\nimport pytest\n\n\n@pytest.mark.parametrize("rows", [1, 2])\n'
    said = collected(rows + CHECK.format(1, ", ".join(["", *FIXTURES[1:], "request", "rows"])).lstrip())

    assert "test_q1_rows.py::test_more[2]" in said


def test_other_tests_in_the_world_are_left_alone(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the plugin is installed, a project without a course notices nothing."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile("def test_nothing_said():\n    assert 1 + 1 == 2\n")

    ended = pytester.runpytest_inprocess(*PLUGIN)

    ended.assert_outcomes(passed=1)


def test_our_fixtures_belong_to_courses(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of a course, `submission` is answered with where it belongs."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile("def test_it(submission):\n    pass\n")

    ended = pytester.runpytest_inprocess(*PLUGIN)

    ended.assert_outcomes(errors=1)
    ended.stdout.fnmatch_lines(["*This fixture belongs to hidden checks under a course's solutions folder.*"])


@pytest.mark.parametrize(
    ("path", "is_hidden"),
    [
        ("solutions/hw1/test_q1_rows.py", True),
        ("exercises/hw1/q1_rows.py", False),
        ("solutions.py", False),
    ],
)
def test_hidden_checks_are_what_lies_under_a_course_s_solutions(path: str, is_hidden: bool) -> None:
    """The folder beside a course.toml, and no other folder called solutions."""
    assert (course_of(SAMPLE / path) == SAMPLE) is is_hidden
    assert course_of(Path("/elsewhere/solutions/hw1/test_q1.py")) is None


def plain_pytest(*words: str, cwd: Path) -> tuple[int, str]:
    """Ordinary pytest on the sample's checks, as an author types it."""
    words = (*words, "--i-trust-these-submissions")
    ended = python("-m", "pytest", *PLUGIN, *words, cwd=cwd, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    return ended.returncode, ended.stdout + ended.stderr


def test_hidden_checks_run_as_ordinary_pytest(course_folder: Path) -> None:
    """`pytest solutions/hw1 --submission DIR`: stubs fail, and the author sees why an answer does."""
    folder = course_folder / "exercises" / "hw1"
    (folder / "q2_table.py").write_text("def table():\n    return 'a table'\n", encoding="utf-8")

    status, said = plain_pytest("solutions/hw1", "--submission", str(folder), cwd=course_folder)

    assert (status, "5 failed" in said) == (1, True), said
    assert "Unwritten: Not written yet." in said
    assert "There is no total in q2_table.py" in said
    assert "assert 'a table' == close(" in said


def test_an_answer_too_dear_to_be_judged_is_stopped() -> None:
    """By the processor's time, within whatever runs and whatever it catches; what ends before it is left alone."""

    def without_end() -> None:
        next(number for number in iter(int, 1) if number)

    def catching() -> None:
        with contextlib.suppress(Exception):
            without_end()
        without_end()

    with processor_time(30):
        pass
    for computing in (without_end, catching):
        with pytest.raises(TooDear, match="the verifier's own time"), processor_time(0.05):
            computing()

    assert signal.getitimer(signal.ITIMER_PROF)[0] == 0


def test_one_file_of_checks_may_be_run_alone(course_folder: Path) -> None:
    """One module against one file of checks: the author's shortest loop."""
    words = ("solutions/hw1/test_q1_rows.py", "--submission", "solutions/hw1/q1_rows.py")

    status, said = plain_pytest(*words, cwd=course_folder)

    assert (status, "3 passed" in said) == (0, True), said


WRONG_USE = {
    "no hand-in": ((), "Hidden checks need a hand-in: pass --submission DIR."),
    "a folder that is not there": (("--submission", "nowhere"), "--submission nowhere: a folder with modules or one"),
}


@pytest.mark.parametrize("case", WRONG_USE)
def test_wrong_use_is_one_sentence(
    pytester: pytest.Pytester, course_folder: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    """Pytest's own exit status for wrong use, and what to pass."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    words, sentence = WRONG_USE[case]

    ended = pytester.runpytest_inprocess(*PLUGIN, str(course_folder / "solutions" / "hw1"), *words)

    assert ended.ret == pytest.ExitCode.USAGE_ERROR
    ended.stderr.fnmatch_lines([f"*{sentence}*"])


def test_one_assignment_at_a_time(
    pytester: pytest.Pytester, course_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hand-in belongs to one set."""
    from grader.authoring.skeleton import new_question
    from grader.course import find_course

    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    new_question(find_course(course_folder), "hw6/q1_name")

    ended = pytester.runpytest_inprocess(*PLUGIN, str(course_folder / "solutions"), "--submission", str(course_folder))

    assert ended.ret == pytest.ExitCode.USAGE_ERROR
    ended.stderr.fnmatch_lines(["*Hidden checks of one assignment at a time: pass one folder, such as solutions/hw5.*"])


def test_the_entry_point_is_this_plugin() -> None:
    """Installed, pytest finds the plugin by itself."""
    import tomllib

    from tests.sample_course import ROOT

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["entry-points"]["pytest11"] == {"grader": "grader.checking.plugin"}


def test_the_plugin_is_light_until_a_course_is_checked() -> None:
    """Every pytest on the machine loads it: neither numpy nor torch nor any module of the engine comes with it."""
    heavy = ("numpy", "torch", "sympy", "msgpack", "grader.course", "grader.checking.check_context")
    ended = python(
        "-c", f"import grader.checking.plugin, sys; print([m for m in {heavy} if m in sys.modules])", cwd=SAMPLE
    )

    assert (ended.returncode, ended.stdout.strip()) == (0, "[]"), ended.stderr
