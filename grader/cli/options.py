"""What all commands share: the group that turns a GraderError into one sentence, and the options with one meaning."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

from grader.errors import GraderError
from grader.names import shown

INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it
EXTRAS = {  # of pyproject.toml: what is imported of each, and of what nbgrader and jinja2 bring along
    "instructor": {
        *("jinja2", "markupsafe", "msgpack", "nbformat", "nbgrader", "pytest", "safetensors", "sqlalchemy", "traitlets")
    },
    "cluster": {"distributed"},
}
POSIX = ("fcntl", "resource")  # Python's own modules that Windows lacks


class Commands(click.Group):
    """Commands in the order in which people meet them. Ctrl-C is exit status 130.

    GraderError is one sentence and exit status 2, and so are words that no command takes, a place that the system
    refuses and a package of an extra that is not installed.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with _one_sentence(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _one_sentence(ctx):
                return super().invoke(ctx)
        except GraderError as fault:
            fail(str(fault))
        except ModuleNotFoundError as fault:
            if not (needed := _needed(fault)):
                raise
            fail(needed)
        except OSError as fault:
            if fault.errno == errno.EPIPE:  # whoever read our output has gone: click ends quietly
                raise
            place = shown(str(fault.filename), 300) if fault.filename else "A file or folder"
            fail(f"{place} cannot be used: {fault.strerror or fault}. Name another place, or mend this one.")
        except KeyboardInterrupt as stop:
            click.echo(f"Interrupted in {stop}." if stop.args else "Interrupted.", err=True)
            sys.exit(INTERRUPTED)


@contextmanager
def _one_sentence(ctx: click.Context) -> Iterator[None]:
    """Click says wrong use in several lines, with the usage; where no command is typed, the help is what was asked."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as fault:
        said = " ".join(fault.format_message().split())  # choices come one a line
        stop = "" if said.endswith((".", "?")) else "."
        fail(f"{said}{stop} See `{(fault.ctx or ctx).command_path} --help`.")


def _needed(fault: ModuleNotFoundError) -> str:
    """What to do about a module that is missing; nothing about one that is always there."""
    package = (fault.name or "").partition(".")[0]
    if package in POSIX:
        return "This needs Linux (WSL2 on Windows, a container on macOS)."
    for extra, packages in EXTRAS.items():
        if package in packages:
            return f'This needs more packages ({package} is missing): pip install "dlgrader[{extra}]".'
    return ""


def fail(sentence: str) -> NoReturn:
    click.echo(f"grader: {sentence}", err=True)
    sys.exit(2)


def nothing_graded(hw: str, out: Path) -> GraderError:
    return GraderError(f"There are no marksheets in {out / hw}; run `grader run {hw}` first, or pass its --out.")


def counted(number: int, thing: str) -> str:
    """How many there are.

    >>> counted(1, "mark"), counted(2, "mark")
    ('1 mark', '2 marks')
    """
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


class Place(click.Path):
    """Where something lies. An empty word, of a script's unset variable, would be the current folder: it is refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            raise GraderError(f"{param.opts[0] if param else 'The path'} is empty: name a folder or a file.")
        return super().convert(value, param, ctx)


course_option = click.option(
    "--course",
    "course_dir",
    type=Place(path_type=Path),
    metavar="DIR",
    help="The course's folder; default: the nearest parent.",
)


submissions_option = click.option(
    "--submissions", type=Place(path_type=Path), metavar="DIR", help="Hand-ins; default: nbgrader/submitted."
)
roster_option = click.option(
    "--roster",
    type=Place(path_type=Path),
    metavar="FILE",
    help="The class: a CSV with nbgrader's columns, id and at will first_name, last_name, email, lms_user_id.",
)


def out_folder(default: str, told: str) -> Callable[[Any], Any]:
    """`--out DIR` of a command that writes into a folder of its own."""
    return click.option(
        "--out", type=Place(path_type=Path), default=Path(default), show_default=True, metavar="DIR", help=told
    )


out_option = out_folder("results", "Where results lie.")


def language(told: str) -> Callable[[Any], Any]:
    """`--lang`, of what the help tells."""
    return click.option("--lang", type=click.Choice(["en", "fa"]), default="en", show_default=True, help=told)


pages_lang_option = language("Language of what is written; the terminal speaks English.")
workers_option = click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=lambda: min(4, os.cpu_count() or 1),
    show_default="cores, at most 4",
    metavar="N",
    help="Submissions at a time.",
)
