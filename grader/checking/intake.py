"""A folder of modules read for plain pytest: what `--submission DIR` names, without collecting and unpacking."""

from __future__ import annotations

from pathlib import Path

from grader.errors import GraderError


def open_submission(path: Path) -> dict[str, bytes]:
    """Every .py file (and weights.safetensors) of a folder, or one module, by name."""
    if path.is_file() and path.suffix == ".py":
        return {path.name: path.read_bytes()}
    if not path.is_dir():
        raise GraderError(
            f"--submission {path}: a folder with modules or one module was asked; nothing like that is there."
        )
    wanted = [*sorted(path.glob("*.py")), *path.glob("weights.safetensors")]
    return {file.name: file.read_bytes() for file in wanted}
