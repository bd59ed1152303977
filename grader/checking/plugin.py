"""The pytest plugin: hidden checks are ordinary pytest functions; this gives them fixtures, rules and outcomes.

It acts under a course's solutions folder alone; everywhere else it does nothing. The same plugin serves
`pytest solutions/hw5 --submission DIR` and the verifier's template, which brings its own context.
"""

from __future__ import annotations

import contextlib
import signal
import traceback
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.checking.rerun import RAISED, anothers, as_fault, can_be_asked_again, passes_with_ours

if TYPE_CHECKING:
    import numpy as np

    from grader.checking.bars import reached
    from grader.checking.check_context import CheckContext
    from grader.course import Course, Question
    from grader.records import Check, Finding

COLLECTED: pytest.StashKey[dict[str, tuple[Check, Question]]] = pytest.StashKey()
CONTEXT: pytest.StashKey[CheckContext] = pytest.StashKey()
NURSERY = pytest.StashKey[Any]()
TEMPLATE = pytest.StashKey[bool]()  # the verifier's template: it sets a context for each submission itself
REFUSED = pytest.StashKey[str]()
FINDING: pytest.StashKey[Finding | None] = pytest.StashKey()
CHECK_SECONDS = 20  # of the verifier's own processor: the dearest of our checks takes one
PROOF_SECONDS = 60  # of it, for a check's networks: the slowest that is rebuilt (proving.LONGEST) takes 46


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("grader", "hidden checks of a course")
    group.addoption("--submission", metavar="DIR", help="the folder or module to check (one student's hand-in)")
    group.addoption(
        "--student", default="somebody", help="whose hand-in it is: inputs are drawn afresh for each student"
    )
    group.addoption("--grader-profile", default="quick", choices=("quick", "full"), help="what trainings run on")
    group.addoption("--grader-data", metavar="DIR", help="where real data sets lie")
    group.addoption("--i-trust-these-submissions", action="store_true", help="run on a machine that gives no isolation")


def course_of(path: Path) -> Path | None:
    """The course whose solutions folder `path` lies in; None for every other test in the world."""
    for folder in path.parents:
        if folder.name == "solutions" and (folder.parent / "course.toml").is_file():
            return folder.parent
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Read off what every hidden check says about itself; refuse the run at the first that says too little."""
    hidden = [item for item in items if course_of(item.path) is not None]
    if not hidden:
        return
    from grader.checking.collected import checks_of
    from grader.course import find_course
    from grader.errors import CourseError

    try:
        course = find_course(course_of(hidden[0].path))
        config.stash[COLLECTED] = checks_of(course, hidden)
    except CourseError as fault:
        config.stash[REFUSED] = str(fault)
        raise pytest.UsageError(str(fault)) from fault
    if TEMPLATE not in config.stash and not config.option.collectonly:
        config.stash[CONTEXT] = _context_from_options(config, course, {item.path.parent.name for item in hidden})


def _context_from_options(config: pytest.Config, course: Course, names: set[str]) -> CheckContext:
    """`pytest solutions/hw5 --submission DIR`: this very process is the verifier, with a nursery of its own."""
    from grader.checking.check_context import CheckContext, Job
    from grader.checking.intake import open_submission
    from grader.data.loaders import load
    from grader.errors import GraderError
    from grader.sandbox.isolation import best_nursery

    option = config.option
    if not option.submission:
        raise pytest.UsageError("Hidden checks need a hand-in: pass --submission DIR.")
    if len(names) != 1:
        raise pytest.UsageError("Hidden checks of one assignment at a time: pass one folder, such as solutions/hw5.")
    assignment = course.assignment(names.pop())
    data = Path(option.grader_data) if option.grader_data else None
    try:
        files = open_submission(Path(option.submission))
        nursery = best_nursery(trusted=option.i_trust_these_submissions)
    except GraderError as fault:
        raise pytest.UsageError(str(fault)) from fault
    config.stash[NURSERY] = nursery
    profile = option.grader_profile
    return CheckContext(
        course=course,
        assignment=assignment,
        job=Job(option.student, files, course.variant_of(assignment.id, option.student)),
        channel=nursery.open_channel(),
        profile=profile,
        load_data=lambda name: load(name, datasets=course.datasets, data_dir=data, profile=profile),
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    if CONTEXT in config.stash:
        config.stash[CONTEXT].close()
    if NURSERY in config.stash:
        config.stash[NURSERY].close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Run one check with a ledger, prove the networks it read, and note its finding."""
    collected = item.config.stash.get(COLLECTED, {})
    known = collected.get(item.nodeid)
    if known is None:
        return (yield)
    from grader.checking import layer_comparison, ledger, network, proving
    from grader.checking.declared import declared_by
    from grader.checking.finding import finding_of
    from grader.checking.training_context import opened
    from grader.phrases import phrase

    check, question = known
    context = item.config.stash[CONTEXT]
    training_context = context.training_context(question, check.part, declared_by(item.function))  # type: ignore[attr-defined]
    with ledger.opened() as book, network.opened() as networks, opened(training_context):
        fault: BaseException | None = None
        try:
            with processor_time(CHECK_SECONDS):
                result = yield
            with processor_time(PROOF_SECONDS):
                proving.prove_all(networks, context.draw(check.part, "proof"))
        except RAISED as raised:
            fault = as_fault(raised)
        if fault is not None:
            fault = _settled(fault, item, context, question)
        wrong = fault is not None or book.share < 1
        if wrong:
            with contextlib.suppress(Exception):  # nothing is judged by it
                layer_comparison.compare(networks)
        if wrong and anothers(item, context, question, collected):
            book.hints[:] = [ledger.hint("variant", phrase("check.variant").en)]
        item.stash[FINDING] = finding_of(check, question, book, fault)
    if fault is not None:
        raise fault
    return result


def _settled(fault: BaseException, item: pytest.Item, context: CheckContext, question: Question) -> BaseException:
    """The fault itself or, where it leaves open whose it is and the check is not to blame, the answer's."""
    from grader.checking.declared import declared_by
    from grader.checking.finding import FORM, answers_fault, doubtful

    if isinstance(fault, TooDear):
        context.break_off()
    if not doubtful(fault):
        return fault
    traceback.clear_frames(fault.__traceback__)  # they hold what there was no memory for
    if can_be_asked_again(item, declared_by(item.function)):  # type: ignore[attr-defined]
        is_the_answers = passes_with_ours(item, context, question)
    else:
        is_the_answers = isinstance(fault, FORM)
    return answers_fault(fault) if is_the_answers else fault


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
    """A check's own fixture may have asked the student's code: what came of that is its finding."""
    known = item.config.stash.get(COLLECTED, {}).get(item.nodeid)
    if known is None:
        return (yield)
    try:
        with processor_time(CHECK_SECONDS):
            return (yield)
    except RAISED as raised:
        from grader.checking import ledger
        from grader.checking.finding import FORM, answers_fault, finding_of

        fault = as_fault(raised)
        if isinstance(fault, TooDear):
            item.config.stash[CONTEXT].break_off()
        if isinstance(fault, FORM) and "submission" in item.fixturenames:  # type: ignore[attr-defined]
            fault = answers_fault(fault)
        item.stash[FINDING] = finding_of(*known, ledger.Ledger(), fault)
        raise


class TooDear(Exception):
    """A check has taken more of our own processor than any answer of the form that was asked can cost."""


@contextlib.contextmanager
def processor_time(seconds: float) -> Generator[None, None, None]:
    """Raise TooDear in what runs here once this process has computed for so long; waiting for a worker is free.

    Once more each second after that, should something have caught it.
    """

    def stop(*_: object) -> None:
        raise TooDear(f"judging it took more than {seconds:g} s of the verifier's own time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _question(request: pytest.FixtureRequest) -> tuple[CheckContext, Check, Question]:
    known = request.config.stash.get(COLLECTED, {}).get(request.node.nodeid)
    if known is None:
        raise pytest.UsageError("This fixture belongs to hidden checks under a course's solutions folder.")
    return request.config.stash[CONTEXT], *known


@pytest.fixture
def submission(request: pytest.FixtureRequest) -> Any:
    """The student's module by proxy: `submission.name(...)` calls, `submission(f, ...)` runs an @inside function."""
    context, _, question = _question(request)
    return context.submission(question)


@pytest.fixture
def solution(request: pytest.FixtureRequest) -> Any:
    """The solution by the same calls, with the owner's variant in GIVEN."""
    context, _, question = _question(request)
    return context.solution(question)


@pytest.fixture
def given(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The numbers of the owner's variant."""
    context, _, question = _question(request)
    return context.given(question)


@pytest.fixture
def draw(request: pytest.FixtureRequest) -> Callable[[str], np.random.Generator]:
    """`draw("sizes")`: a numpy Generator, fresh per student and term, the same at every regrade."""
    context, check, _ = _question(request)
    return lambda name: context.draw(check.part, name)


@pytest.fixture
def dataset(request: pytest.FixtureRequest) -> Callable[[str], tuple[Any, Any]]:
    """`train, unseen = dataset("cifar10")`."""
    return _question(request)[0].dataset


@pytest.fixture
def bars(request: pytest.FixtureRequest) -> Callable[[str, str], reached]:
    """`bars("q7e", "cifar10")`: the `reached(...)` of a measure, by the assignment's bars.toml, for these data."""
    return _question(request)[0].bars


@pytest.fixture
def profile(request: pytest.FixtureRequest) -> str:
    """ "quick" or "full"."""
    return _question(request)[0].profile
