"""A nursery whose workers end before they say a word: `python -m tests.sandbox.stillborn`, in its place."""

from __future__ import annotations

import os
import sys
from typing import Any

from grader.sandbox import nursery


def ends(*_: Any, **__: Any) -> None:
    os._exit(9)


if __name__ == "__main__":
    nursery.shut_in = ends
    nursery.main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
