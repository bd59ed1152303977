"""The names that people who write checks import from `grader`: these and no others."""

from __future__ import annotations

import inspect

import pytest

import grader

SURFACE = [
    *("choices", "close", "folder", "hint", "inside", "needs", "network", "points"),
    *("reached", "same", "seeded", "steps", "tensor", "trained", "watch"),
]


def test_the_surface_is_these_names() -> None:
    """A name is added to or taken from the public surface on purpose, here."""
    assert grader.__all__ == SURFACE


@pytest.mark.parametrize("name", SURFACE)
def test_every_name_is_there_and_explained(name: str) -> None:
    """Each public name can be called and says in a docstring what it is for."""
    found = getattr(grader, name)

    assert callable(found)
    assert found.__name__ == name
    assert (inspect.getdoc(found) or "").strip()


def test_other_names_are_refused_by_name() -> None:
    """A misspelt import says which name is not there."""
    with pytest.raises(AttributeError, match="no attribute 'closer'"):
        grader.closer  # noqa: B018  (the look-up is the test)
