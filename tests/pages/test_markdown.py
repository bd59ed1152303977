"""Code within Persian Markdown."""

from __future__ import annotations

import pytest

from grader.pages.markdown import left_to_right

DIRECTIONS = {
    "بازهٔ `[-6, 6]` است": 'بازهٔ <code dir="ltr">&#91;-6, 6&#93;</code> است',
    "تا `-1` و `x < 1`": 'تا <code dir="ltr">-1</code> و `x < 1`',
    "`f(a_b)` و `-a_b`": '`f(a_b)` و <code dir="ltr">-a&#95;b</code>',
    "متن:\n\n    x = `-1`\n    y\n\nپس": 'متن:\n\n<div dir="ltr">\n\n    x = `-1`\n    y\n\n</div>\n\nپس',
    "متن:\n\n```\n`-1`\n```\nپس": 'متن:\n\n<div dir="ltr">\n\n```\n`-1`\n```\n\n</div>\nپس',
}


@pytest.mark.parametrize("text", DIRECTIONS)
def test_code_keeps_its_direction_within_persian(text: str) -> None:
    """What begins or ends with a sign or a bracket says that it runs from left to right, and so do blocks of code."""
    assert left_to_right(text) == DIRECTIONS[text]
