"""From what student code returned to data that may cross: each row of the wire's table, one phrase for the rest."""

from __future__ import annotations

import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from grader.sandbox.layers import SETTINGS, settings_of
from grader.sandbox.refused import NotSerializable
from grader.sandbox.weights import modules_of, own_tensors
from grader.sandbox.wire import DEPTH_LIMIT, Marked, plain_key

FORMULA_LIMIT = 2000  # characters of a sympy expression, as the parser's own limit
PYPLOT = "matplotlib.pyplot"  # whoever returns the module has meant the figure: it is named itself, not its type
RANGE_LIMIT = 100_000  # a longer range is refused like a longer list


class Handles:
    """The modules that were handed out as `Network` handles, by number, so that they can be handed back in."""

    def __init__(self) -> None:
        self._modules: list[Any] = []

    def number(self, module: Any) -> int:
        for index, known in enumerate(self._modules):
            if known is module:
                return index
        self._modules.append(module)
        return len(self._modules) - 1

    def __getitem__(self, number: int) -> Any:
        return self._modules[number]


def describe(value: Any, handles: Handles, depth: int = 0) -> Any:
    """`value` as base types, base ndarrays and Marked records; NotSerializable says what may not cross."""
    if depth > DEPTH_LIMIT:
        raise NotSerializable("nested", DEPTH_LIMIT)
    if value is None or value is Ellipsis or type(value) in (bool, int, float, complex, str, bytes):
        return value
    torch = sys.modules.get("torch")
    if torch is not None:
        if isinstance(value, torch.Tensor):
            return _tensor(value, torch)
        if isinstance(value, torch.nn.Module):
            return Marked("network", describe_network(value, handles))
        if isinstance(value, torch.Generator):
            raise NotSerializable("generator")
    figure = _figure(value)
    if figure is not None:
        from grader.sandbox.figure import describe_figure

        return Marked("figure", describe_figure(figure))
    if isinstance(value, np.generic):
        return value.item() if value.dtype.kind in "biufcUS" else _refuse(value)
    if isinstance(value, np.ndarray):
        return value if type(value) is np.ndarray else _refuse(value)
    if isinstance(value, int):  # and subclasses of it, such as IntEnum
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, complex):
        return complex(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, list):
        return [describe(item, handles, depth + 1) for item in value]
    if isinstance(value, tuple):  # torch.Size and named tuples too
        return tuple(describe(item, handles, depth + 1) for item in value)
    if isinstance(value, dict):
        return {
            plain_key(key.item() if isinstance(key, np.generic) else key): describe(item, handles, depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, range) and len(value) <= RANGE_LIMIT:
        return list(value)
    sympy = sys.modules.get("sympy")
    if sympy is not None and isinstance(value, sympy.MatrixBase):
        return describe(value.tolist(), handles, depth + 1)
    return _rare(value, sympy)


def _rare(value: Any, sympy: Any) -> Any:
    if isinstance(value, Fraction | Decimal):
        return _formula(value)
    if sympy is None or not isinstance(value, sympy.Basic):
        return _refuse(value)
    if isinstance(value, sympy.Integer | sympy.Float):
        return int(value) if isinstance(value, sympy.Integer) else float(value)
    return _formula(value)


def _formula(value: Any) -> Marked:
    """An exact number or an expression as its text: no digit of it is lost."""
    text = str(value)
    if len(text) > FORMULA_LIMIT:
        raise NotSerializable("formula", FORMULA_LIMIT)
    return Marked("formula", text)


def _figure(value: Any, depth: int = 0) -> Any:
    """The figure that all of this is part of: who plots may hand back axes, lines, or all that subplots gives."""
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is None or depth > 2:
        return None
    if isinstance(value, matplotlib.artist.Artist):
        return None if value.figure is None else _whole(value)
    if isinstance(value, np.ndarray) and value.dtype == object:
        value = value.ravel().tolist()
    if not isinstance(value, list | tuple) or not value:
        return None
    figure = _figure(value[0], depth + 1)
    same = figure is not None and all(_figure(part, depth + 1) is figure for part in value[1:])
    return figure if same and any(part is not figure for part in value) else None  # a list of figures stays a list


def _whole(artist: Any) -> Any:
    return artist if artist.figure is artist else _whole(artist.figure)


def _refuse(value: Any) -> Any:
    raise NotSerializable("type", PYPLOT if value is sys.modules.get(PYPLOT) else type(value).__name__)


def _tensor(value: Any, torch: Any) -> Any:
    if value.layout is not torch.strided or value.is_quantized:
        raise NotSerializable("sparse")
    plain = value.detach().cpu()
    if plain.dtype is torch.bfloat16:
        plain = plain.float()
    try:
        return plain.item() if plain.ndim == 0 else plain.resolve_conj().resolve_neg().numpy()
    except TypeError:  # numpy has no such numbers: eight-bit floats, half complex ones
        raise NotSerializable("tensor", str(plain.dtype)) from None


def describe_network(net: Any, handles: Handles) -> dict[str, Any]:
    """What a network is made of, read from the tables that nn.Module keeps: its methods may be overridden."""
    import torch

    rows: list[list[Any]] = []
    layers: list[list[Any]] = []
    first: dict[int, str] = {}
    for path, module in modules_of(net):
        kind = type(module)
        own = getattr(torch.nn, kind.__name__, None) is not kind
        settings = settings_of(module) if not own and kind.__name__ in SETTINGS else {}
        name = f"own {kind.__name__}" if own and hasattr(torch.nn, kind.__name__) else kind.__name__
        layers.append([path, name, describe(settings, handles), bool(module.training)])
        for key, tensor in own_tensors(module):
            if torch.nn.parameter.is_lazy(tensor):
                raise NotSerializable("lazy")
            full = f"{path}.{key}" if path else key
            trains = module.__dict__["_parameters"].get(key) is tensor
            trainable = trains and bool(tensor.requires_grad)
            rows.append([full, tuple(tensor.shape), trainable, trains, first.get(id(tensor), "")])
            first.setdefault(id(tensor), full)
    return {"number": handles.number(net), "table": rows, "layers": layers}
