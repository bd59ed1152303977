"""Large pages: the right memory is gathered, nothing in it changes, and where there are none nothing is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.sandbox import kernel
from grader.sandbox.pages import LARGE, enlarge, own_maps
from tests.sample_course import python

MAPS = f"""\
{LARGE - 4096:x}-{3 * LARGE:x} rw-p 00000000 00:00 0 
{8 * LARGE:x}-{9 * LARGE + 4096:x} rw-p 00000000 00:00 0                          [heap]
{16 * LARGE:x}-{18 * LARGE:x} r--p 00000000 00:00 0 
{20 * LARGE:x}-{22 * LARGE:x} rw-p 00000000 fe:00 1234                       /usr/lib/libtorch.so
{24 * LARGE:x}-{26 * LARGE:x} rw-s 00000000 00:01 77                         /memfd:rows
{30 * LARGE + 4096:x}-{31 * LARGE + 4096:x} rw-p 00000000 00:00 0 
"""  # noqa: W291  (the kernel writes the blank)


def test_private_memory_alone_is_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole large pages of the heap and of anonymous memory; no library, nothing read-only, nothing shared."""
    asked: list[int] = []
    monkeypatch.setattr(kernel, "madvise", lambda start, length, advice: asked.append(start))

    assert enlarge(MAPS) == 3
    assert asked == [LARGE, 2 * LARGE, 8 * LARGE]


def test_a_kernel_that_will_not_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before Linux 6.1, or with large pages switched off, nothing is gathered."""

    def refused(start: int, length: int, advice: int) -> None:
        raise OSError

    monkeypatch.setattr(kernel, "madvise", refused)

    assert enlarge(MAPS) == 0


MOVES = """
import os
import numpy as np
from grader.sandbox.pages import LARGE, enlarge, own_maps

numbers = np.arange(4 * LARGE // 8)
enlarge(own_maps())
child = os.fork()
same = np.array_equal(numbers, np.arange(len(numbers)))
if child == 0:
    os._exit(0 if same else 1)
print(same, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_what_is_gathered_stays_what_it_was(tmp_path: Path) -> None:
    """A process that moves onto large pages keeps every byte, and so does its child."""
    assert python("-c", MOVES, cwd=tmp_path).stdout == "True 0\n"


def test_who_has_no_proc_has_no_maps() -> None:
    """A folder that is not /proc gives nothing, as on systems without one."""
    elsewhere = os.open("/", os.O_RDONLY | os.O_DIRECTORY)

    assert own_maps(elsewhere) == ""
    os.close(elsewhere)
