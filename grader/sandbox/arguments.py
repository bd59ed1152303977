"""What may go in as an argument beside plain data: written in the verifier, rebuilt beside the student's code."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from grader.errors import WireError
from grader.sandbox.wire import Marked, tree_map

if TYPE_CHECKING:
    import torch
    from numpy.typing import ArrayLike


def tensor(values: ArrayLike, *, grad: bool = False, dtype: str | None = None) -> Marked:
    """An argument that arrives as a torch.Tensor of the same shape and dtype; `grad=True` asks for its gradient."""
    return Marked("tensor", {"array": np.asarray(values, dtype), "grad": grad})


def network(*layers: torch.nn.Module) -> Marked:
    """An argument that arrives as nn.Sequential of these layers (one alone arrives as itself), weights included."""
    from grader.sandbox.layers import dismantle

    trees = [dismantle(layer) for layer in layers]
    if None in trees:
        raise WireError(f"{type(layers[trees.index(None)]).__name__} is not on the list of layers that may be sent")
    return Marked(
        "layers", trees[0] if len(trees) == 1 else {"type": "Sequential", "children": trees, "training": True}
    )


def folder(files: Mapping[str, bytes]) -> Marked:
    """An argument that arrives as the path (str) of a folder with these files; a name that ends in "/" is a folder."""
    return Marked("folder", {name: np.frombuffer(data, np.uint8) for name, data in files.items()})


def seeded(library: str, seed: int) -> Marked:
    """An argument that arrives as a generator of random numbers: `seeded("numpy", 7)` or `seeded("torch", 7)`."""
    if library not in ("numpy", "torch"):
        raise ValueError(f'seeded("{library}", ...): "numpy" or "torch" was asked.')
    return Marked("seeded", [library, seed])


class Lookup(Protocol):
    """What the rebuilding needs to know about the student's side."""

    def named(self, name: str) -> Any: ...

    def handed_out(self, number: int) -> Any: ...


def rebuild(value: Any, responder: Lookup) -> Any:
    """The argument as the student's function gets it."""
    return tree_map(lambda item: _rebuild_marked(item, responder) if isinstance(item, Marked) else item, value)


def _rebuild_marked(value: Marked, responder: Lookup) -> Any:
    if value.tag == "name":
        return responder.named(value.payload)
    if value.tag == "handle":
        return responder.handed_out(value.payload)
    if value.tag == "folder":
        root = tempfile.mkdtemp(prefix="folder-")
        lay(Path(root), value.payload)
        return root
    if value.tag == "layers":
        from grader.sandbox.layers import assemble

        return assemble(value.payload)
    if value.tag == "tensor":
        import torch

        made = torch.from_numpy(value.payload["array"])
        return made.requires_grad_() if value.payload["grad"] else made
    if value.tag == "seeded":
        library, seed = value.payload
        if library == "numpy":
            return np.random.default_rng(seed)
        import torch

        return torch.Generator().manual_seed(seed)
    raise WireError(f"an argument marked {value.tag}")


def lay(folder: Path, files: Mapping[str, Any]) -> None:
    """Write these files below the folder, arrays of bytes by name; a name that ends in "/" is a folder."""
    for name, data in files.items():
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data.tobytes())
