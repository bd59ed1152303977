"""Decoded arrays kept on disk, so that 60,000 pictures are decoded once: each set a folder that appears all at once."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.data.formats import Splits

NAMES = ("train_X", "train_y", "unseen_X", "unseen_y")


def kept(cache: Path, name: str, key: str, make: Callable[[], Splits]) -> Splits:
    """The arrays of `make()`, from the cache if it has them under this key (a SHA-256 of their source).

    They come memory-mapped and read-only where they come from the cache. A damaged entry is made again; a cache that
    cannot be written costs time and nothing else.
    """
    folder = cache / f"{name}-{key[:16]}"  # 64 bits of the key tell copies apart; the manifest holds all of it
    try:
        return _opened(folder, key)
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        splits = make()
    with contextlib.suppress(OSError):
        _write(folder, key, dict(zip(NAMES, (*splits[0], *splits[1]), strict=True)))
    return splits


def _opened(folder: Path, key: str) -> Splits:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if manifest["schema"] != 1 or manifest["source"] != key:
        raise ValueError("another source")
    arrays: list[NDArray[Any]] = []
    for name in NAMES:
        array = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        if manifest["arrays"][name] != _facts(array):
            raise ValueError("another array")
        arrays.append(array)
    return (arrays[0], arrays[1]), (arrays[2], arrays[3])


def _write(folder: Path, key: str, arrays: dict[str, NDArray[Any]]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
    try:
        for name, array in arrays.items():
            with (made / f"{name}.npy").open("wb") as file:
                np.save(file, array, allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())  # before the folder gets its name: no crash leaves half an array behind it
        facts = {name: _facts(array) for name, array in arrays.items()}
        text = json.dumps({"schema": 1, "source": key, "arrays": facts}, indent=1)
        (made / "manifest.json").write_text(text, encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)  # a damaged one; a good one was opened above
        os.replace(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _facts(array: NDArray[Any]) -> dict[str, Any]:
    return {"shape": list(array.shape), "dtype": array.dtype.str}
