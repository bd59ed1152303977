"""CIFAR's pickles: read to the bit, and not one name of theirs ever looked up."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest

from grader.data.batches import read_batch
from grader.errors import DataError
from tests.data.small_sets import python2_pickle

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 3 * 4 * 2), np.uint8)
LABELS = np.array([3, 1, 4, 1, 5])


class Hostile:
    """What a pickle can do to who loads it with pickle.load."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> object:
        return Path.touch, (self.path,)


def test_a_batch_of_python_2_is_read() -> None:
    """The official form: byte strings, protocol 2, numpy of long ago."""
    X, y = read_batch(python2_pickle(PIXELS, LABELS), (3, 4, 2), "here")

    np.testing.assert_array_equal(X, PIXELS.reshape(5, 3, 4, 2))
    np.testing.assert_array_equal(y, LABELS)
    assert (X.dtype, y.dtype) == (np.uint8, np.int64)


def test_the_batch_of_these_tests_is_a_real_pickle() -> None:
    """Python's own loader reads the same from it, so the tests' form is the real one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # numpy's old module name, which is what is in the file
        batch = pickle.loads(python2_pickle(PIXELS, LABELS), encoding="latin1")

    np.testing.assert_array_equal(batch["data"], PIXELS)
    assert batch["labels"] == LABELS.tolist()


def test_a_batch_of_python_3_is_read() -> None:
    """The same from today's Python and numpy, as people write it anew."""
    X, y = read_batch(pickle.dumps({"data": PIXELS, "labels": LABELS.tolist()}, protocol=2), (3, 4, 2), "here")

    np.testing.assert_array_equal(X.reshape(5, -1), PIXELS)
    np.testing.assert_array_equal(y, LABELS)


@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_a_hostile_pickle_does_nothing(tmp_path: Path, protocol: int) -> None:
    """A pickle that would touch a file is refused by the name that it asks for, and the file is not there."""
    made = tmp_path / "made"
    hostile = pickle.dumps({"data": Hostile(made), "labels": []}, protocol)

    with pytest.raises(DataError, match="here is not a batch of CIFAR's: it asks for"):
        read_batch(hostile, (3, 4, 2), "here")
    assert not made.exists()


@pytest.mark.parametrize(
    ("contents", "why"),
    [
        (b"", "ran out of input|Ran out of input"),
        (b"no pickle", "invalid load key|unpickling|pickle"),
        (python2_pickle(PIXELS, LABELS)[:-20], "ran out|exhausted|truncated"),
        (pickle.dumps([1, 2], 2), "indices"),
        (pickle.dumps({"data": [1, 2], "labels": [1]}, 2), "its data are no array"),
        (pickle.dumps({"data": PIXELS.astype(np.int32), "labels": [1]}, 2), "not rows of uint8"),
        (pickle.dumps({"data": np.asfortranarray(PIXELS), "labels": [1]}, 2), "not rows of uint8"),
        (b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x05\x00\x00\x00utf16\x86R.", "another encoding than latin1"),
        (python2_pickle(PIXELS[:, :-1], LABELS), "reshape"),
    ],
)
def test_a_broken_batch_is_told(contents: bytes, why: str) -> None:
    """Whatever is wrong with it, one sentence names the file and the reason."""
    with pytest.raises(DataError, match=f"here is not a batch of CIFAR's: .*({why})"):
        read_batch(contents, (3, 4, 2), "here")
