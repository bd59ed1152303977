"""The attacks played as other users than the one who runs the tests, each with an interpreter that it can reach."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.sample_course import ROOT

ORDINARY = 65534  # nobody: owns nothing, and may do nothing


@contextmanager
def interpreter() -> Iterator[str]:
    """A Python with our libraries that every user of the machine can run; skips, with the reason, without one."""
    libraries = Path(sysconfig.get_path("purelib")).resolve()
    for needed in (libraries, ROOT / "grader", ROOT / "tests"):
        if not open_to_all(needed):
            pytest.skip(f"{needed} cannot be read by other users")
    if open_to_all(Path(sys.base_prefix).resolve()) and open_to_all(Path(sys.prefix).resolve()):
        yield sys.executable
        return
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    system = shutil.which(f"python{version}", path="/usr/bin:/usr/local/bin")
    if system is None:
        pytest.skip(f"this interpreter cannot be run by other users, and the system has no Python {version}")
    with tempfile.TemporaryDirectory(prefix="open-venv-") as folder:
        os.chmod(folder, 0o755)
        subprocess.run([system, "-m", "venv", "--without-pip", folder], check=True, capture_output=True)
        own = next(Path(folder).glob("lib/python*/site-packages"))
        own.rmdir()
        own.symlink_to(libraries)
        yield f"{folder}/bin/python"


def open_to_all(path: Path) -> bool:
    return all(one.stat().st_mode & 0o001 for one in (path, *path.parents))


def play_as(user: int, level: int, python: str) -> subprocess.Popen[str]:
    """Start the whole scene as this user (its own secret, its own victim); `verdicts` waits for it."""
    return subprocess.Popen(
        [python, "-m", "tests.hostile.scene", str(level)],
        user=user,
        group=user,
        extra_groups=[],
        cwd="/",
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def verdicts(playing: subprocess.Popen[str]) -> dict[str, Any]:
    told, grumbled = playing.communicate()
    assert playing.returncode == 0, grumbled
    return json.loads(told)  # type: ignore[no-any-return]
