"""Code within Persian Markdown."""

from __future__ import annotations

import pytest

from grader.pages.markdown import left_to_right

DIRECTIONS = {
    "بازهٔ `[-6, 6]` است": 'بازهٔ <code dir="ltr">&#91;-6, 6&#93;</code> است',
    "ضریب `1 - x` و `0 < k < 1`": 'ضریب <code dir="ltr">1 - x</code> و <code dir="ltr">0 &lt; k &lt; 1</code>',
    "تابع `f()` و `-a_b`": 'تابع <code dir="ltr">f()</code> و <code dir="ltr">-a&#95;b</code>',
    "متن:\n\n    x = `-1`\n    y\n\nپس": 'متن:\n\n<div dir="ltr">\n\n    x = `-1`\n    y\n\n</div>\n\nپس',
    "متن:\n\n```\n`-1`\n```\nپس": 'متن:\n\n<div dir="ltr">\n\n```\n`-1`\n```\n\n</div>\nپس',
    "* A. Name: *Title*,\n  2010.\n* نام ۲": '* <span dir="ltr">A. Name: *Title*,\n  2010.</span>\n* نام ۲',
}


@pytest.mark.parametrize("text", DIRECTIONS)
def test_code_keeps_its_direction_within_persian(text: str) -> None:
    """Code, blocks of code and items without a Persian word say that they run from left to right."""
    assert left_to_right(text) == DIRECTIONS[text]
