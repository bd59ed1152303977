"""The installed engine as a wheel, so that students get the version that grades them: no network, no build tool.

Only the package itself goes in, and of its metadata what pip needs. The same engine gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import grader
from grader.errors import GraderError

DISTRIBUTION = "dlgrader"
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of a zip's calendar: the same files make the same archive on every day
WHEEL = "Wheel-Version: 1.0\nGenerator: grader\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel_name() -> str:
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


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files, in the order of names, with nothing in it that differs from day to day."""
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.external_attr = 0o644 << 16  # its Unix mode: a plain file that all may read
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED)
    return book.getvalue()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
