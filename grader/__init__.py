"""grader: a course that grades itself, and the engine that grades it.

What people who write checks import from here is loaded when it is first used: `import grader` alone needs neither
pytest nor torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_SURFACE = {
    "points": "grader.checking.declared",
    "needs": "grader.checking.declared",
    "inside": "grader.checking.declared",
    "close": "grader.checking.close",
    "same": "grader.checking.same",
    "steps": "grader.checking.same",
    "hint": "grader.checking.ledger",
    "reached": "grader.checking.bars",
    "trained": "grader.checking.training",
    "watch": "grader.sandbox.submission",
    "choices": "grader.checking.choices",
    "network": "grader.sandbox.arguments",
    "tensor": "grader.sandbox.arguments",
    "folder": "grader.sandbox.arguments",
    "seeded": "grader.sandbox.arguments",
}

__all__ = sorted(_SURFACE)

if TYPE_CHECKING:
    from grader.checking.bars import reached as reached
    from grader.checking.choices import choices as choices
    from grader.checking.close import close as close
    from grader.checking.declared import inside as inside
    from grader.checking.declared import needs as needs
    from grader.checking.declared import points as points
    from grader.checking.ledger import hint as hint
    from grader.checking.same import same as same
    from grader.checking.same import steps as steps
    from grader.checking.training import trained as trained
    from grader.sandbox.arguments import folder as folder
    from grader.sandbox.arguments import network as network
    from grader.sandbox.arguments import seeded as seeded
    from grader.sandbox.arguments import tensor as tensor
    from grader.sandbox.submission import watch as watch


def __getattr__(name: str) -> Any:
    if name in _SURFACE:
        return getattr(import_module(_SURFACE[name]), name)
    raise AttributeError(f"module 'grader' has no attribute {name!r}")
