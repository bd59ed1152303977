"""The installed engine as a wheel, so that students get the version that grades them: no network, no build tool.

Only the package itself goes in, and of its metadata what pip needs. The same engine gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import grader
from grader.archives import zipped
from grader.errors import GraderError

DISTRIBUTION = "dlgrader"
WHEEL = "Wheel-Version: 1.0\nGenerator: grader\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel_name() -> str:
    """The file name of this version's wheel."""
    return f"{DISTRIBUTION}-{grader.__version__}-py3-none-any.whl"


def wheel() -> bytes:
    """The wheel (binary distribution format 1.0); GraderError where the engine runs without being installed."""
    try:
        installed = distribution(DISTRIBUTION)
    except PackageNotFoundError as fault:
        raise GraderError(
            f"{DISTRIBUTION} is not installed in this environment, so its wheel cannot be made: pip install it first."
        ) from fault
    package = Path(grader.__file__).parent
    files = {
        f"grader/{path.relative_to(package).as_posix()}": path.read_bytes()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    folder = f"{DISTRIBUTION}-{grader.__version__}.dist-info"
    head, _, _ = (installed.read_text("METADATA") or "").partition("\n\n")  # the description is our README, not theirs
    files[f"{folder}/METADATA"] = f"{head}\n".encode()
    files[f"{folder}/WHEEL"] = WHEEL.encode()
    files[f"{folder}/entry_points.txt"] = (installed.read_text("entry_points.txt") or "").encode()
    record = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in sorted(files.items())]
    files[f"{folder}/RECORD"] = "\n".join([*record, f"{folder}/RECORD,,", ""]).encode()
    return zipped(files)


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
