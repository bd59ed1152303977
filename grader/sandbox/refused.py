"""What may not cross the wire, by its key among the phrases: a student's process names it, and ours has the words."""

from __future__ import annotations

from grader.errors import WireError
from grader.phrases import phrase
from grader.records import Text


class NotSerializable(WireError):
    """A value that may not cross: "refused.KEY" among the phrases says what it is, `value` is the type or limit there.

    >>> NotSerializable("array", "object").text.fa
    'آرایه‌ای از نوع object'
    """

    def __init__(self, key: str, value: str | int = "") -> None:
        super().__init__(key, value)
        self.key = key
        self.value = value

    @property
    def text(self) -> Text:
        """In both languages; KeyError for a key that is none of ours."""
        return phrase(f"refused.{self.key}", value=self.value)

    @property
    def reply(self) -> dict[str, list[str | int]]:
        """What stands in the place of an answer."""
        return {"refused": [self.key, self.value]}

    def __str__(self) -> str:
        return self.text.en
