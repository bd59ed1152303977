"""The documentation tells the truth about the program: commands, help texts, versions, links and names of files."""

from __future__ import annotations

import ast
import doctest
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

import grader
from grader.cli import main
from tests.docs.pages import CONTRIBUTING, FENCED, PAGES, PERSIAN, README, blocks, prose, script, text_of
from tests.sample_course import ROOT, python

PARTS_OF_THE_TREE = {"grader", "solutions", "exercises", "datasets", "tests", "docs", "benchmarks", ".ci"}
SET_UP = r"^    (python3 -m venv \.venv && \.venv/bin/pip install tox && \.venv/bin/tox.*?)(?: {2,}#|$)"

commands = script("commands")
bars = script("bars")


def leaves(command: click.Command, *names: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from leaves(child, *names, name)
    else:
        yield " ".join(names), command


LEAVES = dict(leaves(main))
by_name = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_is_explained(name: str) -> None:
    """Each command says in a sentence what it does and explains its options; docs/commands.md has a section on it."""
    command = LEAVES[name]
    silent = [p.name for p in command.params if isinstance(p, click.Option) and not p.help]

    assert re.match(r"[A-Z].+?\.(\s|$)", command.help or "")
    assert silent == []
    assert f"\n## grader {name}\n" in text_of("docs/commands.md")


def test_the_page_of_commands_is_generated() -> None:
    """docs/commands.md is what docs/commands.py writes."""
    assert text_of("docs/commands.md") == commands.page()


def test_the_table_of_bars_is_generated() -> None:
    """docs/bars.md has the table that docs/bars.py makes of every bars.toml."""
    assert bars.BEGIN in text_of("docs/bars.md")
    assert text_of("docs/bars.md") == bars.page()


@by_name
def test_commands_that_pages_name_exist(page: Path) -> None:
    """Whoever types what a page says meets a command of that name."""
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"(?:`|\$ |^    )grader((?: [a-z][a-z-]+)+)", text, re.MULTILINE)
    groups = {name.split()[0] for name in LEAVES if " " in name}

    for words in map(str.split, named):
        assert words[0] in {name.split()[0] for name in LEAVES}
        assert words[0] not in groups or len(words) == 1 or " ".join(words[:2]) in LEAVES


@pytest.mark.parametrize("page", [README, PERSIAN], ids=["README.md", "README.fa.md"])
def test_the_two_commands_are_toxs(page: str) -> None:
    """The two lines to copy set up tox and call it; the demo's environment is there, and .ci/run does the second."""
    lines = re.findall(SET_UP, page, re.MULTILINE)
    sections = text_of("tox.ini").split("\n[")

    assert [line.partition(".venv/bin/tox")[2].strip() for line in lines] == ["-e demo", ""]
    assert any(section.startswith("testenv:demo]\ndescription =") for section in sections)
    assert text_of(".ci/run").splitlines()[-1] == lines[1].strip()


def links(page: str) -> list[str]:
    """Where a page leads, in order, itself and its translation left out."""
    found: list[str] = re.findall(r"\]\(([^)\s#]+(?:#[^)\s]*)?)\)", FENCED.sub("", page))
    return [target for target in found if target not in ("README.md", "README.fa.md")]


def code(page: str) -> set[str]:
    """What a page says in code within its sentences, in either way of writing it."""
    words = re.findall(r'`([^`\n]+)`|<code dir="ltr">(.+?)</code>', re.sub(r"!\[.*\]", "", prose(page)))
    return {plain or turned for plain, turned in words}


def shown(page: str) -> list[str]:
    """The blocks of a page, of the student's sessions, which are in its own language, the commands alone."""
    lines = [line for line in FENCED.sub("", page).splitlines() if line.startswith("    ")]
    for block in blocks(page, "text"):
        typed = block.replace(" --lang fa", "").splitlines()
        lines += typed[:1] if typed[0].startswith("$ grader check") else typed
    return lines


def test_the_persian_readme_says_no_less() -> None:
    """Both lead to the same pages, name the same commands, options and files, and show the same sessions."""
    assert links(PERSIAN) == links(README)
    assert code(PERSIAN) == code(README)
    assert shown(PERSIAN) == shown(README)


def test_what_the_readme_makes_is_no_part_of_the_course() -> None:
    """The folders that its commands write lie in the course's folder, and git ignores each."""
    made = re.findall(r"(?:mkdir|cp -r exercises/hw5) (\S+)", "\n".join(shown(README)))

    assert made == ["my-hw5", "hand-ins"]
    assert {"/my-hw*/", "/hand-ins/", "/demo/", "/results/"} <= set(text_of(".gitignore").splitlines())


def test_the_changelog_begins_with_this_version() -> None:
    """The newest entry is the version that the package says, which is the one that is built."""
    versions = re.findall(r"^## \[?(\d+\.\d+\.\d+)", text_of("CHANGELOG.md"), re.MULTILINE)
    built = tomllib.loads(text_of("pyproject.toml"))["project"]["version"]

    assert versions[0] == grader.__version__ == built


def test_every_public_name_has_its_place() -> None:
    """docs/checks.md has a section for each name of the surface, and CONTRIBUTING an example that uses it."""
    headings = "\n".join(re.findall(r"^#+ .*$", text_of("docs/checks.md"), re.MULTILINE))
    examples = "\n".join(blocks(CONTRIBUTING, "python"))

    for name in grader.__all__:
        assert f"`{name}`" in headings
        assert re.search(rf"\b{name}\(", examples) or f"@{name}\n" in examples


def test_every_module_has_its_line() -> None:
    """CONTRIBUTING's table names each module and package at the top of grader/, and nothing else."""
    table = re.findall(r"^\| `(\w+)` \| ", CONTRIBUTING.partition("## How the code is laid out")[2], re.MULTILINE)
    there = {path.parent.name for path in (ROOT / "grader").glob("*/__init__.py")}
    there |= {path.stem for path in (ROOT / "grader").glob("[!_]*.py")}

    assert sorted(table) == sorted(there)


def test_every_benchmark_is_on_a_page() -> None:
    """Whoever reads docs/ meets each script that measures, and no page names one that is not there."""
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    scripts = {path.name for path in (ROOT / "benchmarks").glob("*.py")}

    assert set(re.findall(r"benchmarks/(\w+\.py)", pages)) <= scripts <= set(re.findall(r"\w+\.py", pages))


def test_the_decisions_are_measured_with_the_rule_as_it_is() -> None:
    """benchmarks/decision.py runs, on one class, and prints a row for each deviation and way to decide."""
    told = python("benchmarks/decision.py", "--classes", "1", cwd=ROOT)

    assert (told.returncode, told.stderr) == (0, "")
    assert [told.stdout.count(f"| {way} |") for way in ("one run", "the rule", "three runs always")] == [3, 3, 3]


def anchors(page: Path) -> set[str]:
    """The names under which places of a page can be linked to, as GitHub makes them."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="(\w+)">', text))


@by_name
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file or a heading of this repository finds it."""
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCED.sub("", page.read_text(encoding="utf-8"))):
        if not target.startswith("http"):
            path, _, anchor = target.partition("#")
            linked = (page.parent / path).resolve() if path else page
            assert linked.exists(), target
            assert not anchor or anchor in anchors(linked), target


@by_name
def test_files_that_pages_name_exist(page: Path) -> None:
    """A path in backquotes is there, except below hw6, the assignment that examples make up."""
    for path in re.findall(r"`([\w.-]+/[\w./-]*)`", prose(page.read_text(encoding="utf-8"))):
        if path.split("/")[0] in PARTS_OF_THE_TREE and "/hw6" not in path:
            assert (ROOT / path).exists(), path


def test_no_merge_was_left_half_done() -> None:
    """No file that git keeps has a line that git marks a conflict with."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a checkout: nobody says what git keeps")
    asked = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"]  # whoever owns the checkout
    kept = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    paths = [path for name in kept.split("\0") if name and (path := ROOT / name).is_file()]
    marked = [str(path) for path in paths if re.search(rb"^(<<<<<<<|>>>>>>>) ", path.read_bytes(), re.MULTILINE)]

    assert len(paths) > 100
    assert marked == []


@by_name
def test_examples_with_prompts_hold(page: Path) -> None:
    """Python blocks with prompts run, each page in one go; those without are Python."""
    names: dict[str, Any] = {}
    for number, block in enumerate(blocks(page.read_text(encoding="utf-8"), "python")):
        if ">>>" not in block:
            ast.parse(block)
            continue
        said: list[str] = []
        test = doctest.DocTestParser().get_doctest(block, names, f"{page.name}, block {number}", str(page), 0)
        doctest.DocTestRunner().run(test, out=said.append, clear_globs=False)
        names.update(test.globs)
        assert not said, "".join(said)
