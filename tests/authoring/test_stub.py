"""From a question to its stub: regions vanish, forms are laid out, signatures and examples stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.authoring.stub import public_names, stub_of, telling_lines
from grader.errors import CourseError


def question(folder: Path, text: str) -> Path:
    path = folder / "q1_new.py"
    path.write_text(text, encoding="utf-8")
    return path


FUNCTION = '''def f(x):
    """q1a: twice x.

    >>> f(2)
    4
    """
    # BEGIN SOLUTION
    doubled_by_addition = x + x
    return doubled_by_addition
    # END SOLUTION
'''


def test_a_region_becomes_one_line_that_names_the_part(tmp_path: Path) -> None:
    """The student sees signature, statement, examples, and what is not written yet."""
    stub = stub_of(question(tmp_path, FUNCTION))

    assert stub == FUNCTION.split("    # BEGIN")[0] + '    raise NotImplementedError("q1a: not written yet")\n'


def test_a_laid_out_form_is_shown_as_it_is(tmp_path: Path) -> None:
    """`# STUB` lines become the body, indentation and all; the answer does not."""
    text = (
        'def f():\n    """q1a: two rows."""\n    # BEGIN SOLUTION\n    # STUB return [[...],  # a number\n'
        "    # STUB         [...]]\n    return [[1], [2]]\n    # END SOLUTION\n"
    )

    assert stub_of(question(tmp_path, text)).endswith('rows."""\n    return [[...],  # a number\n            [...]]\n')


def test_a_region_at_the_top_vanishes(tmp_path: Path) -> None:
    """Helpers and imports of the solution leave no trace, and no gap of more than two lines."""
    region = "# BEGIN SOLUTION\nimport itertools\n\n\ndef _helper():\n    pass\n\n\n# END SOLUTION"

    stub = stub_of(question(tmp_path, f"import math\n\n\n{region}\n\n\n{FUNCTION}"))

    assert "itertools" not in stub
    assert "_helper" not in stub
    assert stub.startswith("import math\n\n\ndef f(x):")


def test_a_class_keeps_its_signatures(tmp_path: Path) -> None:
    """Methods take the class's part, unless they are labelled themselves."""
    text = (
        'class Net:\n    """q1b: a net."""\n\n    def __init__(self):\n        # BEGIN SOLUTION\n        self.w = 1\n'
        "        # END SOLUTION\n\n    def forward(self, x):\n"
        '        """q1c: its answer."""\n        # BEGIN SOLUTION\n'
        "        return self.w * x\n        # END SOLUTION\n"
    )

    stub = stub_of(question(tmp_path, text))

    assert '    def __init__(self):\n        raise NotImplementedError("q1b: not written yet")\n' in stub
    assert '        raise NotImplementedError("q1c: not written yet")\n' in stub


WRONG = {
    "left open": ("def f():\n    # BEGIN SOLUTION\n    pass\n", r"q1_new\.py:2: the region is left open"),
    "closed twice": ("def f():\n    pass\n    # END SOLUTION\n", r"q1_new\.py:3: # END SOLUTION closes no region"),
    "nested": (
        "def f():\n    # BEGIN SOLUTION\n    # BEGIN SOLUTION\n    pass\n    # END SOLUTION\n",
        r"q1_new\.py:3: # BEGIN SOLUTION inside the region that line 2 opens",
    ),
    "no Python": ("def f(:\n", r"q1_new\.py:1: "),
    "half a statement": (
        "if True:\n# BEGIN SOLUTION\n    x = 1\n# END SOLUTION\nelse:\n    x = 2\n",
        r"its stub would not be Python .*stub line 2",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_region_is_said_with_its_line(tmp_path: Path, case: str) -> None:
    """The author reads which line to mend."""
    text, sentence = WRONG[case]

    with pytest.raises(CourseError, match=sentence):
        stub_of(question(tmp_path, text))


def test_a_missing_question_is_said(tmp_path: Path) -> None:
    """assignment.toml lists a module that is not there."""
    with pytest.raises(CourseError, match=r"q1_gone\.py cannot be read .*assignment\.toml lists it"):
        stub_of(tmp_path / "q1_gone.py")


def test_lines_tell_if_they_stand_in_regions_alone(tmp_path: Path) -> None:
    """Short lines, comments, laid-out lines and lines that stand outside too give nothing away."""
    text = (
        "import itertools\n"
        'def f():\n    """q1a: f."""\n    # BEGIN SOLUTION\n    import itertools\n    # a comment of some length\n'
        "    # STUB return {'first': ...}\n    return {'first': 31}\n    x = 1\n    # END SOLUTION\n"
    )

    assert telling_lines(question(tmp_path, text)) == {"return {'first': 31}"}


def test_public_names_are_functions_and_classes_without_underscore() -> None:
    """What a student is asked for, in the module's order."""
    assert public_names("def b(): ...\nclass A: ...\ndef _c(): ...\nx = 1\n") == ["b", "A"]


names = st.sampled_from(["alpha", "beta", "gamma", "delta"])
bodies = st.lists(
    st.sampled_from(["total_of_it = 17", "if x:\n        total_of_it = 19", "pass"]), min_size=1, max_size=4
)


@settings(max_examples=50)
@given(st.lists(st.tuples(names, bodies), min_size=1, max_size=4, unique_by=lambda pair: pair[0]))
def test_no_stub_ever_shows_a_region(
    tmp_path_factory: pytest.TempPathFactory, functions: list[tuple[str, list[str]]]
) -> None:
    """Whatever the solutions are, the stub is Python, offers every name, and holds no line of theirs."""
    folder = tmp_path_factory.mktemp("question")
    text = "\n\n".join(
        f'def {name}(x):\n    """q1{name[0]}: {name}."""\n    # BEGIN SOLUTION\n    '
        + "\n    ".join(body)
        + "\n    # END SOLUTION"
        for name, body in functions
    )

    stub = stub_of(question(folder, text))

    assert public_names(stub) == [name for name, _ in functions]
    assert "total_of_it" not in stub
    assert stub.count("not written yet") == len(functions)
