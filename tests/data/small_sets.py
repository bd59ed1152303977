"""Small sets in the real ones' formats, each with a card whose checksums fit: what the loaders are tested on."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.small_assignment import tarred

DATASETS = Path(__file__).parents[2] / "datasets"
REAL = Path(__file__).parents[3] / "shared" / "data"  # beside the checkout on machines that have the real sets

CLASSES = ["ant", "bee", "cat"]
DIGITS = {"generator": "digits", "seed": 1, "parameters": {"wobble": 0.1, "shift": 1.0, "turn": 0.1, "pen": [1.0, 1.5]}}


def write_card(datasets: Path, name: str, **facts: Any) -> None:
    """A card of the given facts, with plain ones for what every card needs."""
    plain: dict[str, Any] = {
        "title": f"Small {name}",
        "home": "https://example.org/home",
        "licence": "CC0",
        "citation": "Nobody, 2026.",
        "classes": CLASSES,
        "dtype": "uint8",
        "full": {"train": 30, "unseen": 12},
        "quick": {"train": 12, "unseen": 6},
        "standin": DIGITS,
    }
    datasets.mkdir(exist_ok=True)
    lines = [f"{key} = {_toml(value)}" for key, value in (plain | facts).items()]
    (datasets / f"{name}.toml").write_text("\n".join(lines), encoding="utf-8")


def idx_set(datasets: Path, folder: Path, urls: list[str] | None = None) -> tuple[np.ndarray, ...]:
    """Four gzipped IDX files and the card `small_idx`; returns X, y, unseen X, unseen y as they were written."""
    rng = np.random.default_rng(1)
    X, U = rng.integers(0, 256, (30, 4, 5), np.uint8), rng.integers(0, 256, (12, 4, 5), np.uint8)
    y, v = (np.arange(30) % 3).astype(np.uint8), (np.arange(12) % 3).astype(np.uint8)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, array in zip(("train-X.gz", "train-y.gz", "test-X.gz", "test-y.gz"), (X, y, U, v), strict=True):
        contents = idx_bytes(array)
        (folder / name).write_bytes(gzip.compress(contents, mtime=0))
        sources = [f"{url}/{name}" for url in urls or []]
        files.append(_file(name, contents) | {"packing": "gzip", "urls": sources})
    write_card(datasets, "small_idx", reader="idx", shape=[4, 5], file=files)
    return X, y, U, v


def idx_bytes(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def cifar_set(datasets: Path, folder: Path, urls: list[str] | None = None) -> tuple[np.ndarray, ...]:
    """The official archive's form: a .tar.gz of pickles as Python 2 wrote them, and the card `small_cifar`."""
    rng = np.random.default_rng(2)
    X, U = rng.integers(0, 256, (30, 3, 8, 8), np.uint8), rng.integers(0, 256, (12, 3, 8, 8), np.uint8)
    y, v = np.arange(30) % 3, np.arange(12) % 3
    batches = {"data_batch_1": (X[:15], y[:15]), "data_batch_2": (X[15:], y[15:]), "test_batch": (U, v)}
    pickles = {
        name: python2_pickle(pixels.reshape(len(pixels), -1), labels) for name, (pixels, labels) in batches.items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / "small-python.tar.gz"
    archive.write_bytes(tarred({f"cifar-10-batches-py/{name}": data for name, data in pickles.items()}, "w:gz"))
    sums = [{"name": name, "md5": hashlib.md5(data).hexdigest()} for name, data in pickles.items()]
    file = _file(archive.name, archive.read_bytes()) | {"packing": "", "urls": urls or []}
    packed = "small-images.tar.xz"
    write_card(datasets, "small_cifar", reader="cifar", shape=[3, 8, 8], file=[file], batch=sums, images=packed)
    return X, y, U, v


def picture_files(X: np.ndarray, y: np.ndarray, split: str) -> dict[str, bytes]:
    """PNG files by name, `train/bee/0003.png`: lossless, so that what is read can be compared bit for bit."""
    files = {}
    for row, (pixels, label) in enumerate(zip(X, y, strict=True)):
        png = io.BytesIO()
        Image.fromarray(pixels.transpose(1, 2, 0)).save(png, "PNG")
        files[f"{split}/{CLASSES[label]}/{row:04d}.png"] = png.getvalue()
    return files


def pictures_of(X: np.ndarray, y: np.ndarray, U: np.ndarray, v: np.ndarray) -> dict[str, bytes]:
    """The PNG files of both splits."""
    return picture_files(X, y, "train") | picture_files(U, v, "test")


def table_set(datasets: Path, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """A CSV table of 42 rows, three classes, and the card `small_table`."""
    rng = np.random.default_rng(3)
    X, y = rng.integers(0, 100, (42, 2)) / 4, np.arange(42) % 3
    text = "width,height,kind\n" + "".join(f"{a},{b},{k}\n" for (a, b), k in zip(X, y, strict=True))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.csv").write_text(text, encoding="utf-8", newline="\n")
    write_card(
        datasets,
        "small_table",
        reader="csv",
        dtype="float32",
        shape=[2],
        columns=["width", "height"],
        label="kind",
        file=[_file("table.csv", text.encode()) | {"packing": "text", "urls": []}],
    )
    return X.astype(np.float32), y


def array_set(
    datasets: Path, folder: Path | None = None, urls: list[str] | None = None, **facts: Any
) -> dict[str, np.ndarray]:
    """numpy's file of token ids and the card `small_arrays`, beside which it lies if `folder` is None."""
    rng = np.random.default_rng(5)
    arrays = {
        "X": rng.integers(0, 50, (30, 4)),
        "y": np.arange(30) % 3,
        "X_unseen": rng.integers(0, 50, (12, 4)),
        "y_unseen": np.arange(12) % 3,
    }
    path = (folder or datasets) / "small_arrays.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **arrays)
    if folder is not None:
        facts["file"] = [_file(path.name, path.read_bytes()) | {"urls": urls or []}]
    write_card(datasets, "small_arrays", **{"reader": "npz", "dtype": "int64", "shape": [4], **facts})
    return arrays


def without(datasets: Path, name: str, *keys: str) -> None:
    """Take these keys off a card."""
    lines = (datasets / f"{name}.toml").read_text(encoding="utf-8").splitlines()
    short = [line for line in lines if not line.startswith(keys)]
    (datasets / f"{name}.toml").write_text("\n".join(short), encoding="utf-8")


def python2_pickle(pixels: np.ndarray, labels: np.ndarray, kind: bytes = b"u1") -> bytes:
    """{"data": array, "labels": list} opcode by opcode, as Python 2 and numpy 1 wrote CIFAR's batches (protocol 2)."""

    def text(value: bytes) -> bytes:
        return b"U" + bytes([len(value)]) + value

    def number(value: int) -> bytes:
        return b"J" + value.to_bytes(4, "little", signed=True)

    raw = pixels.tobytes()
    dtype = b"cnumpy\ndtype\n" + text(kind) + number(0) + number(1) + b"\x87R"
    dtype += b"(" + number(3) + text(b"|") + b"NNN" + number(-1) + number(-1) + number(0) + b"tb"
    shape = number(pixels.shape[0]) + number(pixels.shape[1]) + b"\x86"
    state = b"(" + number(1) + shape + dtype + b"\x89" + b"T" + len(raw).to_bytes(4, "little") + raw + b"t"
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n"
        + number(0)
        + b"\x85"
        + text(b"b")
        + b"\x87R"
        + state
        + b"b"
    )
    listed = b"](" + b"".join(number(int(label)) for label in labels) + b"e"
    return b"\x80\x02}(" + text(b"data") + array + text(b"labels") + listed + b"u."


def _file(name: str, contents: bytes) -> dict[str, Any]:
    return {"name": name, "sha256": hashlib.sha256(contents).hexdigest(), "bytes": len(contents)}


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(entry)}" for key, entry in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)
