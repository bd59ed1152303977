"""The one doorway to jinja2: a template becomes one HTML file that needs and allows nothing but itself.

Style and script are inline, and a content policy names them by hash: even markup that slipped through could not act.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from grader.errors import GraderError
from grader.pages.text import digits_in, direction, number, parted, prose, visible
from grader.phrases import said

DIRECTIONS = {"en": "ltr", "fa": "rtl"}  # the languages there are, and how their pages run


def render(template: str, *, lang: str, styles: tuple[str, ...], script: str = "", **context: Any) -> str:
    """The page `template` in `lang`, `styles` and `script` inline, under a policy that lets nothing else act.

    Raises GraderError for a language in which there are no pages.
    """
    if lang not in DIRECTIONS:
        raise GraderError(f"A page in {lang!r} was asked; there is {' and '.join(DIRECTIONS)}.")
    style = "".join(_text(name) for name in styles)
    code = _text(script) if script else ""
    policy = [
        "default-src 'none'",
        f"style-src '{_hash(style)}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    if code:
        policy.append(f"script-src '{_hash(code)}'")
    page = _environment().get_template(template)
    return page.render(
        policy="; ".join(policy), lang=lang, dir=DIRECTIONS[lang], style=Markup(style), script=Markup(code), **context
    )


def fragment(template: str, *, lang: str, **context: Any) -> str:
    """A piece of HTML for somebody else's page: no head, no style, no script."""
    return _environment().get_template(template).render(lang=lang, dir=DIRECTIONS[lang], **context).strip()


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


@cache
def _text(name: str) -> str:
    return files("grader.pages").joinpath(name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("grader", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    in_its_language = {f.__name__: _in_its_language(f) for f in (prose, direction, number, digits_in)}
    environment.filters |= {**in_its_language, "parted": parted}
    environment.globals |= {**in_its_language, "say": _say}
    return environment


def _in_its_language(shown: Callable[..., str]) -> Callable[..., str]:
    """The same for a template, in the language of its page."""
    return pass_context(lambda context, value, *more: shown(value, context["lang"], *more))


@pass_context
def _say(context: Context, key: str, **values: object) -> str:
    return said(key, context["lang"], **values)


def _finalize(value: object) -> object:
    """Every string that a template prints goes through `visible`; what is HTML already (our own) does not."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
