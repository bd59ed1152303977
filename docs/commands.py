"""Makes docs/commands.md from what every command says about itself.

python docs/commands.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from grader.cli import main as grader

PAGE = Path(__file__).with_name("commands.md")
WIDTH = 100  # characters a line, whatever terminal this runs in
HEAD = """# Commands

`grader` and `python -m grader` are the same. This page is made by `docs/commands.py` from the commands' own `--help`; a
test compares the two.

Exit status of every command: 0 it is done; 2 wrong use, with one sentence on stderr that says what to do. 1 means:

| command | status 1 |
|---|---|
| `run` | some checks could not be judged (our fault or missing data); they are listed and no zero was given |
| `record` | somebody's marks were left out; each is named |
| `essays` | a marker and another, or the gradebook, differ; each such mark is listed |
| `export` | somebody is left out or not final yet; each is named |
| `check` | an example or a hidden check did not pass |
| `verify` | a proof failed, or with `--mutants` the checks notice fewer than 95 % |
| `doctor` | no isolation layer works here |
| `demo` | a score is not the expected one |

After Ctrl-C every command ends with 130; `run` keeps every marksheet that was written.
"""


def leaves(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[tuple[str, str]]:
    """Every command that does something, with its full name and its help text, in the order of the program."""
    context = click.Context(command, parent, name, terminal_width=WIDTH, **command.context_settings)
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            child = command.get_command(context, each)
            assert child is not None
            yield from leaves(child, each, context)
    else:
        yield context.command_path, context.get_help()


def page() -> str:
    """The whole page."""
    context = click.Context(grader, None, "grader", terminal_width=WIDTH, **grader.context_settings)
    sections = [("grader", context.get_help()), *leaves(grader, "grader")]
    return HEAD + "".join(f"\n## {name}\n\n```text\n{told.rstrip()}\n```\n" for name, told in sections)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.name}")
