"""What goes in beside plain data is written on our side and rebuilt on theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from grader.errors import WireError
from grader.sandbox.arguments import folder, network, rebuild, seeded, tensor
from grader.sandbox.wire import Marked, pack, unpack


class Side:
    """A student's side with one function and one module."""

    def named(self, name: str) -> Any:
        return {"f": len}[name]

    def handed_out(self, number: int) -> Any:
        return ("module", number)


def crossed(value: Any) -> Any:
    """The argument as it is rebuilt after it has crossed."""
    tree, tails = pack(value)
    return rebuild(unpack(tree, [bytearray(tail.tobytes()) for tail in tails]), Side())


def test_functions_and_modules_are_named() -> None:
    """A function goes in by its name and a module by its number, also within lists, tuples and dicts."""
    name, handle = Marked("name", "f"), Marked("handle", 3)

    assert crossed([name, (handle,), {"net": handle}]) == [len, (("module", 3),), {"net": ("module", 3)}]


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool"])
def test_a_tensor_keeps_shape_and_dtype(dtype: str) -> None:
    """`tensor(a)` arrives as a torch.Tensor of the array's shape and dtype, on the CPU, without a gradient."""
    values = np.arange(6).reshape(2, 3).astype(dtype)
    found = crossed(tensor(values))

    assert isinstance(found, torch.Tensor)
    assert (tuple(found.shape), str(found.dtype), found.requires_grad) == ((2, 3), f"torch.{dtype}", False)
    assert np.array_equal(found.numpy(), values)


def test_a_tensor_asks_for_its_gradient() -> None:
    """`tensor(a, grad=True)` is a leaf that collects its gradient; lists and another dtype may be given."""
    found = crossed(tensor([1, 2], grad=True, dtype="float32"))
    (found * found).sum().backward()

    assert found.grad.tolist() == [2, 4]


@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_a_seed_becomes_a_generator(library: str) -> None:
    """Two generators of one seed roll alike, those of two seeds do not."""

    def rolled(seed: int) -> list[float]:
        generator = crossed(seeded(library, seed))
        if library == "numpy":
            return list(generator.random(4))
        return list(torch.rand(4, generator=generator).tolist())

    assert rolled(7) == rolled(7)
    assert rolled(7) != rolled(8)


def test_a_generator_of_another_library_is_the_authors_mistake() -> None:
    """`seeded("random", 7)` says which libraries there are."""
    with pytest.raises(ValueError, match='"numpy" or "torch" was asked'):
        seeded("random", 7)


def test_a_folder_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files arrive under their names with their bytes, in a fresh folder each time; a name with a slash is a folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    files = {"a/b.txt": b"text", "empty/": b"", "c": bytes(range(256)) * 40}
    one, two = (Path(crossed(folder(files))) for _ in range(2))

    assert one != two
    assert (one / "a" / "b.txt").read_bytes() == b"text"
    assert (one / "c").read_bytes() == files["c"]
    assert list((one / "empty").iterdir()) == []


def test_layers_are_built_again() -> None:
    """`network(...)` arrives as one Sequential, a single layer as itself, with the same weights."""
    linear = torch.nn.Linear(3, 2)
    single = crossed(network(linear))

    assert type(single) is torch.nn.Linear
    assert torch.equal(single.weight, linear.weight)
    assert [type(layer) for layer in crossed(network(linear, torch.nn.ReLU()))] == [torch.nn.Linear, torch.nn.ReLU]


def test_only_torchs_own_layers_may_be_sent() -> None:
    """A class of one's own is refused by name before anything is sent."""

    class Mine(torch.nn.ReLU):
        pass

    with pytest.raises(WireError, match="Mine is not on the list"):
        network(torch.nn.ReLU(), Mine())


def test_an_unknown_mark_is_refused() -> None:
    """A mark that nobody knows becomes nothing."""
    with pytest.raises(WireError, match=r"^an argument marked evil$"):
        crossed(Marked("evil", "rm -rf /"))
