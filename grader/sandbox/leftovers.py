"""What a run that was killed could not take away itself: its control groups and scratch folders, swept by the next run.

Both are called after the process that owns them, `grader-<pid>-<random>`; whose owner lives is left alone.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import uuid
from pathlib import Path

from grader.sandbox.cgroup import own_folders, remove_groups

NAME = re.compile(r"grader-(\d+)-[0-9a-f]{8}")


def new_name() -> str:
    """A name for what the calling process is about to own."""
    return f"grader-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def sweep() -> None:
    """Remove groups and folders of owners that have ended without doing so."""
    for _, folder in own_folders():
        for name in _ownerless(folder):
            remove_groups(name)
    scratch = Path(tempfile.gettempdir())
    for name in _ownerless(scratch):
        if (scratch / name).lstat().st_uid == os.geteuid():
            remove_tree(str(scratch / name))


def remove_tree(path: str) -> None:
    """Remove a folder of whose workers none lives any more, with what they may have locked their owner out of."""
    for folder, names, _ in os.walk(path):  # from above: a folder is opened before it is entered
        for name in names:
            inner = os.path.join(folder, name)
            if not os.path.islink(inner):
                with contextlib.suppress(OSError):
                    os.chmod(inner, 0o700)
    shutil.rmtree(path, ignore_errors=True)


def _ownerless(folder: Path) -> list[str]:
    owned = [match for entry in folder.glob("grader-*") if (match := NAME.fullmatch(entry.name))]
    return [match[0] for match in owned if not _lives(int(match[1]))]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True
