"""A network's tensors as safetensors bytes: the one form in which weights leave a worker, enter one, or are handed in.

safetensors (https://huggingface.co/docs/safetensors) is a table of names, types and shapes before plain numbers:
reading it runs nothing, whoever wrote it.
"""

from __future__ import annotations

from typing import Any

from grader.errors import WireError

SIZE_LIMIT = 256 << 20  # bytes: 64 million float32 parameters; a hand-in may hold 64 MiB in all
TABLE_LIMIT = 1 << 20  # bytes: ten thousand tensors; the table of a million takes a minute and a gigabyte to read

Table = dict[str, tuple[str, tuple[int, ...]]]  # name -> (type, shape)


def modules_of(net: Any, path: str = "", seen: set[int] | None = None) -> list[tuple[str, Any]]:
    """Every module with its path, itself first, each once, from the tables that nn.Module keeps."""
    seen = set() if seen is None else seen
    if id(net) in seen:
        return []
    seen.add(id(net))
    found = [(path, net)]
    for key, child in net.__dict__["_modules"].items():
        if child is not None:
            found += modules_of(child, f"{path}.{key}" if path else key, seen)
    return found


def own_tensors(module: Any) -> list[tuple[str, Any]]:
    """The parameters and then the buffers that the module itself holds, by name, from the same tables."""
    tables = (module.__dict__["_parameters"], module.__dict__["_buffers"])
    return [(key, tensor) for table in tables for key, tensor in table.items() if tensor is not None]


def tensors_of(net: Any) -> dict[str, Any]:
    """Every parameter and buffer by its full name, each tensor once (its first name)."""
    found: dict[str, Any] = {}
    seen: set[int] = set()
    for path, module in modules_of(net):
        for key, tensor in own_tensors(module):
            if id(tensor) not in seen:
                seen.add(id(tensor))
                found[f"{path}.{key}" if path else key] = tensor
    return found


def packed(tensors: dict[str, Any]) -> bytes:
    """Torch tensors by name, each with memory of its own, as safetensors bytes."""
    from safetensors.torch import save

    return save({name: tensor.detach().cpu().clone().contiguous() for name, tensor in tensors.items()})


def unpacked(blob: bytes) -> dict[str, Any]:
    """Torch tensors by name."""
    from safetensors.torch import load

    return load(blob)


def table_of(blob: bytes) -> Table:
    """What tensors are in there; WireError if these are no safetensors bytes, or too many of them."""
    from safetensors import SafetensorError, deserialize

    if len(blob) > SIZE_LIMIT:
        raise WireError(f"weights of more than {SIZE_LIMIT >> 20} MiB")
    if int.from_bytes(blob[:8], "little") > TABLE_LIMIT:  # the table's length comes first
        raise WireError(f"weights that are not safetensors, or have a table of more than {TABLE_LIMIT >> 20} MiB")
    try:
        return {name: (str(told["dtype"]), tuple(told["shape"])) for name, told in deserialize(blob)}  # type: ignore[no-untyped-call]
    except (SafetensorError, ValueError, OverflowError) as fault:
        raise WireError("weights that are not safetensors") from fault


def misfit(blob: bytes, own: bytes) -> str:
    """The name of a tensor in which `blob` differs from the network whose weights are `own`; "" if it fits."""
    found, asked = table_of(blob), table_of(own)
    return next((name for name in sorted(found.keys() | asked.keys()) if found.get(name) != asked.get(name)), "")
