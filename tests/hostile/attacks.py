"""What a hostile hand-in tries, one function each: true if it got what it wanted, false or an exception if it did not.

Each is self-contained, for its source is what is handed in. Its parameters are names of things in the scene.
"""

from __future__ import annotations

from types import FunctionType

from tests.hostile import breaking, escaping, outgrowing, reading

ATTACKS: dict[str, FunctionType] = {
    name: function
    for module in (reading, breaking, escaping, outgrowing)
    for name, function in vars(module).items()
    if isinstance(function, FunctionType)
}
