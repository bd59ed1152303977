"""CIFAR's batches are pickles, which may run any code: this reader knows four names, and none of them does anything."""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.data.raster import Rows
from grader.errors import DataError


class _Kind:
    """In place of numpy.dtype: keeps the text that it is made with."""

    text: object = None

    def __init__(self, text: object = None, *_: object) -> None:
        self.text = text

    def __setstate__(self, state: object) -> None:
        """Byte order and flags: nothing that one-byte numbers need."""


class _Array:
    """In place of numpy's array: keeps the state that the pickle sets, (version, shape, dtype, by columns, data)."""

    state: object = None

    def __init__(self, *_: object) -> None:
        """What kind of empty array it should begin as: nothing that the state does not say again."""

    def __setstate__(self, state: object) -> None:
        self.state = state


class _Encoded:
    """In place of _codecs.encode: Python 3 writes bytes as latin-1 text in protocol 2."""

    def __new__(cls, text: object = "", codec: object = "latin1") -> bytes:  # type: ignore[misc]  # a function in disguise
        if not isinstance(text, str) or codec != "latin1":
            raise pickle.UnpicklingError("text in another encoding than latin1")
        return text.encode("latin1")


_KNOWN = {
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Kind,
    ("_codecs", "encode"): _Encoded,
}


class _Inert(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _KNOWN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}") from None


def read_batch(contents: bytes, shape: tuple[int, ...], where: str) -> Rows:
    """One batch: `{"data": (n, 3072) uint8, "labels": list of n}` -> X `(n, 3, 32, 32) uint8`, y `(n,) int64`.

    No global of the pickle is ever looked up outside the four inert ones. Raises DataError naming `where`.
    """
    try:
        batch = _Inert(io.BytesIO(contents), encoding="latin1").load()
        X = _pixels(batch["data"])
        y = np.array([int(label) for label in batch["labels"]], np.int64)
        return X.reshape(-1, *shape), y
    except Exception as fault:  # a malformed pickle may raise anything
        raise DataError(f"{where} is not a batch of CIFAR's: {fault}.") from fault


def _pixels(array: object) -> NDArray[np.uint8]:
    if not isinstance(array, _Array) or not isinstance(array.state, tuple) or len(array.state) != 5:
        raise ValueError("its data are no array")
    _, shape, kind, by_columns, data = array.state
    if not isinstance(kind, _Kind) or kind.text not in ("u1", b"u1", "|u1") or by_columns:
        raise ValueError("its data are not rows of uint8")
    raw = data.encode("latin1") if isinstance(data, str) else bytes(data)  # Python 2's bytes arrive as latin-1 text
    return np.frombuffer(raw, np.uint8).reshape(shape).copy()
