"""A page read back as a browser would: its elements, attributes and text, and whether every element is closed."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

VOID = {"meta", "br", "wbr", "img", "link", "input", "hr"}


class Parsed(HTMLParser):
    """`tags`: (name, attributes) in order; `text`: what stands between them; `open`: elements that were left open."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.open: list[str] = []
        self.blocks: dict[str, str] = {}  # what stands in style, script and title
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("style", "script", "title"):
            self.blocks[self.open[-1]] = self.blocks.get(self.open[-1], "") + data
        else:
            self.text += data

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.tags]

    @property
    def policy(self) -> str:
        return next(
            a["content"] for n, a in self.tags if n == "meta" and a.get("http-equiv") == "Content-Security-Policy"
        )

    def links(self) -> list[str]:
        """Every address in the page, whatever attribute it is in."""
        return [
            a[key]
            for _, a in self.tags
            for key in ("href", "src", "srcset", "action", "data", "xlink:href")
            if key in a
        ]


def source_hash(text: str) -> str:
    """The content policy's name of an inline block."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def assert_sealed(page: str) -> Parsed:
    """The page is well made, loads nothing, and lets run only the blocks that its policy names by hash."""
    parsed = Parsed(page)
    assert parsed.open == []
    assert parsed.policy.startswith("default-src 'none'; ")
    assert f"style-src {source_hash(parsed.blocks['style'])}" in parsed.policy
    assert "unsafe" not in parsed.policy
    for name, attributes in parsed.tags:
        assert not [key for key in attributes if key.startswith("on") or key == "style"], (name, attributes)
    for link in parsed.links():
        assert link.startswith(("#", "data:image/png;base64,", "feedback/")), link
    assert not {"iframe", "object", "embed", "form", "base", "link"} & set(parsed.names)
    return parsed


def words(text: str) -> str:
    """The page's text with single spaces."""
    return " ".join(Parsed(text).text.split())
