"""Torch's layers are written down and built again, and nothing else can be built from a tree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from grader.errors import WireError
from grader.sandbox.layers import SETTINGS, assemble, dismantle

LAYERS: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "Conv1d": (nn.Conv1d(2, 4, 3, padding=1, groups=2), (2, 2, 8)),
    "Conv2d": (nn.Conv2d(3, 4, (3, 1), stride=2, padding="valid", bias=False), (2, 3, 8, 8)),
    "Conv3d": (nn.Conv3d(1, 2, 2, dilation=2, padding_mode="circular", padding=1), (1, 1, 5, 5, 5)),
    "Linear": (nn.Linear(5, 3), (2, 5)),
    "BatchNorm1d": (nn.BatchNorm1d(3), (4, 3)),
    "BatchNorm2d": (nn.BatchNorm2d(3, eps=0.1, affine=False), (2, 3, 4, 4)),
    "LayerNorm": (nn.LayerNorm([3, 4]), (2, 3, 4)),
    "GroupNorm": (nn.GroupNorm(2, 4), (2, 4, 3)),
    "MaxPool1d": (nn.MaxPool1d(2), (1, 2, 6)),
    "MaxPool2d": (nn.MaxPool2d(3, stride=2, ceil_mode=True), (1, 2, 6, 6)),
    "AvgPool1d": (nn.AvgPool1d(2), (1, 2, 6)),
    "AvgPool2d": (nn.AvgPool2d(2, count_include_pad=False, padding=1), (1, 2, 6, 6)),
    "AdaptiveAvgPool1d": (nn.AdaptiveAvgPool1d(2), (1, 2, 6)),
    "AdaptiveAvgPool2d": (nn.AdaptiveAvgPool2d((1, 2)), (1, 2, 6, 6)),
    "AdaptiveMaxPool2d": (nn.AdaptiveMaxPool2d(2), (1, 2, 6, 6)),
    "Flatten": (nn.Flatten(), (2, 3, 4)),
    "Unflatten": (nn.Unflatten(1, (2, 3)), (2, 6)),
    "Dropout": (nn.Dropout(0.3), (2, 6)),
    "Dropout2d": (nn.Dropout2d(0.3), (2, 6, 2, 2)),
    "Identity": (nn.Identity(), (2, 6)),
    "ReLU": (nn.ReLU(), (2, 6)),
    "ReLU6": (nn.ReLU6(), (2, 6)),
    "LeakyReLU": (nn.LeakyReLU(0.3), (2, 6)),
    "PReLU": (nn.PReLU(6), (2, 6)),
    "ELU": (nn.ELU(0.5), (2, 6)),
    "SELU": (nn.SELU(), (2, 6)),
    "GELU": (nn.GELU("tanh"), (2, 6)),
    "SiLU": (nn.SiLU(), (2, 6)),
    "Mish": (nn.Mish(), (2, 6)),
    "Softplus": (nn.Softplus(2), (2, 6)),
    "Sigmoid": (nn.Sigmoid(), (2, 6)),
    "Tanh": (nn.Tanh(), (2, 6)),
    "Softmax": (nn.Softmax(1), (2, 6)),
    "LogSoftmax": (nn.LogSoftmax(1), (2, 6)),
}


def outputs(net: nn.Module, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    torch.manual_seed(0)
    x = torch.randn(shape)
    with torch.no_grad():
        return np.asarray(net.eval()(x).numpy())


def test_every_layer_on_the_list_is_tried() -> None:
    """The list and the examples below it name the same layers."""
    assert set(LAYERS) == set(SETTINGS)


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_a_layer_is_built_again(name: str) -> None:
    """Settings and weights make the same layer: type, mode, tensors, outputs."""
    layer, shape = LAYERS[name]
    tree = dismantle(layer.train())
    again = assemble(tree)

    assert type(again) is type(layer)
    assert again.training
    assert np.array_equal(outputs(again, shape), outputs(layer, shape))
    assert dismantle(layer.eval())["training"] is False  # type: ignore[index]


def test_trees_are_built_again() -> None:
    """Sequentials within Sequentials keep their order and what they have learnt."""
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Sequential(nn.BatchNorm2d(2), nn.ReLU()), nn.Flatten(), nn.Linear(32, 2))
    net(torch.randn(4, 1, 6, 6))  # moves the running statistics

    assert np.array_equal(outputs(assemble(dismantle(net)), (3, 1, 6, 6)), outputs(net, (3, 1, 6, 6)))


def shared() -> nn.Module:
    layer = nn.Linear(2, 2)
    return nn.Sequential(layer, layer)


def tied() -> nn.Module:
    one, two = nn.Linear(2, 2), nn.Linear(2, 2)
    two.weight = one.weight
    return nn.Sequential(one, two)


class Mine(nn.Module):
    pass


class Linear(nn.Linear):
    pass


@pytest.mark.parametrize("net", [shared(), tied(), Mine(), nn.Sequential(Mine()), Linear(2, 2), nn.LSTM(2, 2)])
def test_what_is_no_tree_of_torchs_layers_is_none(net: nn.Module) -> None:
    """A layer in two places, a tensor in two layers, a class of one's own, a layer off the list: not written down."""
    assert dismantle(net) is None


def tree_of(**changed: Any) -> dict[str, Any]:
    tree = dismantle(nn.Linear(3, 2))
    assert tree is not None
    return tree | changed


HUGE = {"in_features": 1 << 30, "out_features": 1 << 30, "bias": True}


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        (3, "not a tree"),
        ({"type": ["Linear"]}, "not a tree"),
        ({"type": "LSTM", "settings": {}, "weights": {}}, "LSTM, which is not on the list"),
        ({"type": "__init__", "settings": {}, "weights": {}}, "not on the list"),
        (tree_of(settings={"in_features": 3}), "a Linear with other settings than torch's"),
        (tree_of(settings=HUGE | {"device": "cpu"}), "other settings"),
        (tree_of(settings=HUGE), "do not fit its settings"),
        (tree_of(weights={}), "do not fit its settings"),
        (tree_of(weights={"weight": np.zeros((3, 2)), "bias": np.zeros(2)}), "do not fit its settings"),
        (tree_of(weights={"weight": "none", "bias": np.zeros(2)}), "do not fit its settings"),
    ],
)
def test_a_tree_of_another_form_builds_nothing(tree: Any, sentence: str) -> None:
    """What does not fit is refused by its sizes, before memory is taken for it."""
    with pytest.raises(WireError, match=sentence):
        assemble(tree)
