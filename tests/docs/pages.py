"""The pages as the tests read them: their blocks, their prose, and the scripts of docs/ that make some of them."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

from tests.sample_course import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


README, PERSIAN, CONTRIBUTING = map(text_of, ("README.md", "README.fa.md", "CONTRIBUTING.md"))


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language, in their order."""
    return [text for found, text in FENCED.findall(page) if found == language]


def session(page: str, typed: str) -> list[str]:
    """The lines of the one block that begins with this command, from its first prompt on."""
    (found,) = [block for block in blocks(page, "text") if block.startswith(f"$ {typed}\n")]
    return found.splitlines()


def prose(page: str) -> str:
    """A page without its fenced and indented blocks."""
    return re.sub(r"^(    |\t).*$", "", FENCED.sub("", page), flags=re.MULTILINE)


def script(name: str) -> ModuleType:
    """A script of docs/, imported by its path."""
    spec = importlib.util.spec_from_file_location(name, Path(ROOT, "docs", f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
