"""The allow-list of torch layers: how each is written down as settings and weights, and built again from them.

Used in both directions: `network(...)` sends our layers to a student's function, and a student's network made of these
layers alone is rebuilt in the verifier, which proves its counts and shapes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from grader.errors import WireError
from grader.sandbox.weights import own_tensors

if TYPE_CHECKING:
    import torch

_CONV = (
    "in_channels",
    "out_channels",
    "kernel_size",
    "stride",
    "padding",
    "dilation",
    "groups",
    "bias",
    "padding_mode",
)
_MAX_POOL = ("kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode")
_NORM = ("num_features", "eps", "momentum", "affine", "track_running_stats")

SETTINGS: dict[str, tuple[str, ...]] = {
    "Conv1d": _CONV,
    "Conv2d": _CONV,
    "Conv3d": _CONV,
    "Linear": ("in_features", "out_features", "bias"),
    "BatchNorm1d": _NORM,
    "BatchNorm2d": _NORM,
    "LayerNorm": ("normalized_shape", "eps", "elementwise_affine"),
    "GroupNorm": ("num_groups", "num_channels", "eps", "affine"),
    "MaxPool1d": _MAX_POOL,
    "MaxPool2d": _MAX_POOL,
    "AvgPool1d": ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad"),
    "AvgPool2d": ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"),
    "AdaptiveAvgPool1d": ("output_size",),
    "AdaptiveAvgPool2d": ("output_size",),
    "AdaptiveMaxPool2d": ("output_size",),
    "Flatten": ("start_dim", "end_dim"),
    "Unflatten": ("dim", "unflattened_size"),
    "Dropout": ("p",),
    "Dropout2d": ("p",),
    "Identity": (),
    "ReLU": (),
    "ReLU6": (),
    "LeakyReLU": ("negative_slope",),
    "PReLU": ("num_parameters",),
    "ELU": ("alpha",),
    "SELU": (),
    "GELU": ("approximate",),
    "SiLU": (),
    "Mish": (),
    "Softplus": ("beta", "threshold"),
    "Sigmoid": (),
    "Tanh": (),
    "Softmax": ("dim",),
    "LogSoftmax": ("dim",),
}


def settings_of(layer: torch.nn.Module) -> dict[str, Any]:
    """What the constructor was told, read back from the layer: base types only."""
    settings: dict[str, Any] = {}
    for name in SETTINGS[type(layer).__name__]:
        value = vars(layer).get(name)
        if name == "bias":
            value = layer._parameters.get("bias") is not None
        settings[name] = tuple(value) if isinstance(value, tuple | list) else value
    return settings


def dismantle(layer: torch.nn.Module, seen: set[int] | None = None) -> dict[str, Any] | None:
    """The tree of allow-listed layers under `layer` as plain data, or None if anything else is among them.

    {"type": "Sequential", "children": [...]} or {"type", "settings", "weights": {name: ndarray}, "training"}. A module
    that stands in two places (tied weights) is not a tree: None. `seen`: what has been met on the way.
    """
    import torch

    seen = set() if seen is None else seen
    if id(layer) in seen:
        return None
    seen.add(id(layer))
    if type(layer) is torch.nn.Sequential:
        children = [dismantle(child, seen) for child in layer._modules.values() if child is not None]
        if None in children:
            return None
        return {"type": "Sequential", "children": children, "training": bool(layer.training)}
    name = type(layer).__name__
    if name not in SETTINGS or type(layer) is not getattr(torch.nn, name):
        return None
    weights = {}
    for key, tensor in own_tensors(layer):
        if id(tensor) in seen:
            return None
        seen.add(id(tensor))
        weights[key] = tensor.detach().cpu().numpy()
    return {"type": name, "settings": settings_of(layer), "weights": weights, "training": bool(layer.training)}


def assemble(tree: Any) -> torch.nn.Module:
    """The layers of a tree built by torch's own constructors; WireError for anything that is not on the list."""
    import torch

    if not isinstance(tree, dict) or not isinstance(tree.get("type"), str):
        raise WireError("a network that is not a tree of layers")
    if tree["type"] == "Sequential":
        layer: torch.nn.Module = torch.nn.Sequential(*[assemble(child) for child in tree["children"]])
    elif tree["type"] in SETTINGS:
        layer = _single(tree)
    else:
        raise WireError(f"a layer {tree['type']}, which is not on the list of torch's layers that may cross")
    layer.train(bool(tree.get("training", True)))
    return layer


def _single(tree: dict[str, Any]) -> torch.nn.Module:
    import torch

    if set(tree["settings"]) != set(SETTINGS[tree["type"]]):
        raise WireError(f"a {tree['type']} with other settings than torch's")
    wanted = {key: value for key, value in tree["weights"].items() if isinstance(value, np.ndarray)}
    with torch.device("meta"):  # sizes are checked before memory is taken
        layer: torch.nn.Module = getattr(torch.nn, tree["type"])(**tree["settings"])
    if {key: tuple(t.shape) for key, t in own_tensors(layer)} != {key: v.shape for key, v in wanted.items()}:
        raise WireError(f"a {tree['type']} whose weights do not fit its settings")
    layer = layer.to_empty(device="cpu")
    with torch.no_grad():
        for key, target in own_tensors(layer):
            target.copy_(torch.from_numpy(np.array(wanted[key])))
    return layer
