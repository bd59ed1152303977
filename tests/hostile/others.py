"""Commands as other users than the one who runs the tests, and on a machine that denies namespaces."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.sample_course import ROOT

ORDINARY = 65534  # nobody: owns nothing, and may do nothing
ENVIRONMENT = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}


def begin_as(user: int, *command: str, denied: str = "", **environment: str) -> subprocess.Popen[str]:
    """Start a command as this user. `denied`: "namespaces", or all "isolation"."""
    words = [f"--without-{denied}"] if denied else []
    return subprocess.Popen(
        [sys.executable, "-m", "tests.hostile.become", str(user), *words, "--", *command],
        cwd="/",
        env=ENVIRONMENT | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_as(user: int, *command: str, denied: str = "", **environment: str) -> str:
    """What it printed, when it has ended well."""
    return ended(begin_as(user, *command, denied=denied, **environment))


def ended(running: subprocess.Popen[str]) -> str:
    told, grumbled = running.communicate()
    assert running.returncode == 0, told[-4000:] + grumbled[-4000:]
    return told


def play_as(user: int, level: int) -> subprocess.Popen[str]:
    """Start the whole scene as this user (its own secret, its own victim); `verdicts` waits for it."""
    return begin_as(user, sys.executable, "-m", "tests.hostile.scene", str(level))


def verdicts(playing: subprocess.Popen[str]) -> dict[str, Any]:
    return json.loads(ended(playing))  # type: ignore[no-any-return]
