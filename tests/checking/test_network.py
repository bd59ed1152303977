"""What a check reads of a network, and that it is put on the list of what is to be proved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.checking import ledger
from grader.checking.handle import Layer, Row
from grader.checking.network import opened
from grader.checking.proving import prove_all
from tests.checking.networks import BLOCK, COUNT, draw, images


def test_networks_whose_facts_were_read_are_proved(opens: Callable[..., Any]) -> None:
    """Reading a fact puts the network on the list; calling it does not. How it was proved is for the instructor."""
    student = opens(BLOCK, BLOCK)
    with opened() as networks, ledger.opened() as book:
        read, called = student.build(), student.build()
        called(images(1, 3, 4, 4))
        assert read.count == COUNT
        assert read.layers[0].type == "Block"
        assert (networks.given, networks.read) == ([read.handle, called.handle], [read.handle])
        prove_all(networks, draw())

    assert [line.endswith("proved: agrees") for line in book.details] == [True]


def test_what_a_handle_offers(opens: Callable[..., Any]) -> None:
    """Table, layers, weights to read and to set, both modes, shapes and predictions in batches."""
    net = opens(
        """
        from torch import nn
        def build():
            return nn.Sequential(nn.Dropout(0.5), nn.Linear(4, 2))
        """
    ).build()
    x = images(10, 4)

    assert net.table == [Row("1.weight", (2, 4), True, True, ""), Row("1.bias", (2,), True, True, "")]
    assert net.layers[2] == Layer("1", "Linear", {"in_features": 4, "out_features": 2, "bias": True}, True)
    assert net.shapes(x) == [("0", "Dropout", (10, 4)), ("1", "Linear", (10, 2)), ("", "Sequential", (10, 2))]
    net.load({"1.weight": np.eye(2, 4), "1.bias": np.zeros(2)})
    assert not np.array_equal(net.train()(x), x[:, :2])
    assert np.array_equal(net.eval()(x), x[:, :2])
    assert np.array_equal(net.predict(x, batch=3, threads=1, device=("cpu", 0), seconds=30.0), x[:, :2])
    assert repr(net) == "<Network 0: 3 modules>"


def test_rows_and_layers_come_apart() -> None:
    """A loop over a table or over layers may name what is most asked for, without the attributes."""
    name, shape, trainable, tied_to = Row("1.weight", (2, 4), True, True, "0.weight")
    path, kind, settings = Layer("1", "ReLU", {"inplace": True}, True)

    assert (name, shape, trainable, tied_to) == ("1.weight", (2, 4), True, "0.weight")
    assert (path, kind, settings) == ("1", "ReLU", {"inplace": True})


def test_a_scalar_tensor_counts_one(opens: Callable[..., Any]) -> None:
    """A tensor without axes is one number."""
    assert Row("scale", (), True, True, "").size == 1
