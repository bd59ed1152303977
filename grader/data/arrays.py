"""numpy's own file of several arrays, which an author saves by `numpy.savez("NAME.npz", X=..., y=..., ...)`."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import numpy as np

from grader.data.raster import Rows
from grader.errors import DataError

NAMES = ("X", "y", "X_unseen", "y_unseen")


def read_arrays(contents: bytes, where: Path) -> tuple[Rows, Rows]:
    """Train and unseen rows: X as it was saved, y `(n,)` whole numbers of any width -> int64.

    Raises DataError naming `where` for what is no such file, lacks an array, or holds other things than numbers.
    """
    if not zipfile.is_zipfile(io.BytesIO(contents)):
        raise DataError(f"{where} is no .npz file: save it by numpy.savez.")
    try:
        with np.load(io.BytesIO(contents), allow_pickle=False) as saved:
            if lacking := [name for name in NAMES if name not in saved]:
                raise DataError(
                    f"{where} has no {' and no '.join(lacking)}: {', '.join(NAMES)} were expected, "
                    f"and it has {', '.join(saved) or 'nothing'}."
                )
            X, y, X_unseen, y_unseen = (saved[name] for name in NAMES)
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error) as fault:
        raise DataError(f"{where} cannot be read ({fault}): save arrays of numbers by numpy.savez.") from fault
    for name, labels in (("y", y), ("y_unseen", y_unseen)):
        if labels.dtype.kind not in "iu":
            raise DataError(f"{name} in {where} is {labels.dtype}: whole numbers were expected, from 0 on.")
    return (X, y.astype(np.int64)), (X_unseen, y_unseen.astype(np.int64))


def without_unseen(rows: Rows) -> bytes:
    """The file with the rows to train on alone, which is what students may have of a graded course's own set."""
    saved = io.BytesIO()
    np.savez_compressed(saved, X=rows[0], y=rows[1])
    return saved.getvalue()
