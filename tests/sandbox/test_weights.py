"""Weights as safetensors bytes: there and back, and what does not fit or cannot be read."""

from __future__ import annotations

import pickle

import pytest
import torch
from torch import nn

from grader.errors import WireError
from grader.sandbox import weights
from grader.sandbox.weights import misfit, packed, table_of, tensors_of, unpacked


def net(width: int = 3, dtype: torch.dtype = torch.float32) -> nn.Module:
    return nn.Sequential(nn.Linear(2, width), nn.BatchNorm1d(width)).to(dtype)


def test_weights_go_there_and_back() -> None:
    """Every tensor, buffers too, bit by bit; a transposed view and one in bfloat16 as well."""
    tensors = {
        **tensors_of(net()),
        "view": torch.arange(6.0).reshape(2, 3).T,
        "half": torch.ones(2, dtype=torch.bfloat16),
    }
    back = unpacked(packed(tensors))

    assert back.keys() == tensors.keys()
    assert all(torch.equal(back[name], tensors[name]) and back[name].dtype == tensors[name].dtype for name in tensors)


def test_what_differs_is_named() -> None:
    """A name too many or too few, another shape, another type: the tensor's name; nothing for a fit."""
    own = packed(tensors_of(net()))

    assert misfit(packed(tensors_of(net())), own) == ""
    assert misfit(packed(tensors_of(net(4))), own) == "0.bias"
    assert misfit(packed(tensors_of(net(dtype=torch.float64))), own) == "0.bias"
    assert misfit(packed({**tensors_of(net()), "extra": torch.ones(1)}), own) == "extra"
    assert misfit(packed({}), own) == "0.bias"


@pytest.mark.parametrize(
    "blob",
    [b"", b"\x00" * 8, b"\xff" * 64, pickle.dumps({"0.bias": 1}), packed({"a": torch.ones(3)})[:-1]],
    ids=["empty", "zeros", "a header of 16 EiB", "a pickle", "cut short"],
)
def test_other_bytes_are_refused(blob: bytes) -> None:
    """Nothing is unpickled, and nothing is believed of its own size."""
    with pytest.raises(WireError, match="not safetensors"):
        table_of(blob)


def test_a_table_of_very_many_tensors_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tensors without an entry cost no bytes but those of the table, and the verifier minutes."""
    tensors = packed({f"{number}": torch.ones(0) for number in range(20)})
    monkeypatch.setattr(weights, "TABLE_LIMIT", 1000)

    with pytest.raises(WireError, match="a table of more than"):
        table_of(tensors)


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit comes before the reading."""
    monkeypatch.setattr(weights, "SIZE_LIMIT", 100)

    with pytest.raises(WireError, match="more than 0 MiB"):
        table_of(packed({"a": torch.ones(100)}))
