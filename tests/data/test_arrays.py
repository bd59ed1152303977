"""numpy's file of arrays: what an author saved is what a training gets, and each slip has its sentence."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.data.arrays import read_arrays, without_unseen
from grader.errors import DataError

ARRAYS = {
    "X": np.arange(12).reshape(4, 3),
    "y": np.array([0, 1, 0, 1]),
    "X_unseen": np.arange(6).reshape(2, 3),
    "y_unseen": np.array([1, 0]),
}


def saved(save: Any = np.savez, **arrays: Any) -> bytes:
    file = io.BytesIO()
    save(file, **arrays)
    return file.getvalue()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("width", ["uint8", "int32", "int64", ">i8"])
def test_arrays_come_as_they_were_saved(save: Any, width: str) -> None:
    """Packed or not; labels of any width become int64."""
    labels = {name: ARRAYS[name].astype(width) for name in ("y", "y_unseen")}

    (X, y), (X_unseen, y_unseen) = read_arrays(saved(save, **ARRAYS | labels), Path("here"))

    for array, name in ((X, "X"), (y, "y"), (X_unseen, "X_unseen"), (y_unseen, "y_unseen")):
        np.testing.assert_array_equal(array, ARRAYS[name])
    assert (y.dtype, y_unseen.dtype) == (np.int64, np.int64)


@pytest.mark.parametrize(
    ("contents", "sentence"),
    [
        (b"", r"here is no \.npz file: save it by numpy\.savez"),
        (saved()[:-1], r"here is no \.npz file"),
        (saved(X=ARRAYS["X"], y=ARRAYS["y"]), r"here has no X_unseen and no y_unseen: .* and it has X, y\."),
        (saved(), "and it has nothing"),
        (saved(**ARRAYS | {"X": np.array([{}] * 4)}), r"here cannot be read \(Object arrays cannot be loaded"),
        (saved(**ARRAYS | {"y": np.array([0.0, 1, 0, 1])}), "y in here is float64: whole numbers were expected"),
        (saved(**ARRAYS | {"y_unseen": np.array([True, False])}), "y_unseen in here is bool"),
        (saved(**ARRAYS).replace(ARRAYS["X"].tobytes(), bytes(ARRAYS["X"].nbytes)), r"here cannot be read \(Bad CRC"),
    ],
)
def test_what_is_no_such_file_is_told(contents: bytes, sentence: str) -> None:
    """What came, what was expected, and what to save it by."""
    with pytest.raises(DataError, match=sentence):
        read_arrays(contents, Path("here"))


def test_a_file_of_one_array_is_told() -> None:
    """`numpy.save` makes another kind of file than `numpy.savez`."""
    file = io.BytesIO()
    np.save(file, ARRAYS["X"])

    with pytest.raises(DataError, match=r"here is no \.npz file: save it by numpy\.savez"):
        read_arrays(file.getvalue(), Path("here"))


def test_what_students_may_have_is_without_the_unseen_rows() -> None:
    """X and y and no more; the same bytes each time."""
    (rows, _) = read_arrays(saved(**ARRAYS), Path("here"))

    contents = without_unseen(rows)

    with np.load(io.BytesIO(contents)) as found:
        assert sorted(found) == ["X", "y"]
        np.testing.assert_array_equal(found["X"], ARRAYS["X"])
    assert contents == without_unseen(rows)
