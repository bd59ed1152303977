"""Beside the student's code: the device on which a network is trained or asked, and what is carried there."""

from __future__ import annotations

from typing import Any

# What makes a training on a GPU the same at every regrade on such a card, and is noted in the run file.
FLAGS = {"cudnn.benchmark": False, "cudnn.deterministic": True, "deterministic_algorithms.warn_only": True}


def settle(device: str, share: int) -> None:
    """Make this process ready for `device`; of a GPU's memory it then takes `share` MiB at most."""
    if device == "cpu":
        return
    import torch

    torch.backends.cudnn.benchmark = FLAGS["cudnn.benchmark"]
    torch.backends.cudnn.deterministic = FLAGS["cudnn.deterministic"]
    torch.use_deterministic_algorithms(True, warn_only=FLAGS["deterministic_algorithms.warn_only"])
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # it costs time alone
    there_is = torch.cuda.get_device_properties(device).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, (share << 20) / there_is))


def carried(value: Any, device: str) -> Any:
    """Tensors and networks on `device`, anything else as it is."""
    import torch

    if isinstance(value, torch.Tensor | torch.nn.Module):
        return value.to(device)
    return value
