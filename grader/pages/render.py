"""The one doorway to jinja2: a template becomes one HTML file that needs and allows nothing but itself.

Style and script are inline, and a content policy names them by hash: even markup that slipped through could not act.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from markupsafe import Markup

from grader.pages.text import direction, number, parted, prose, visible

DIRECTIONS = {"en": "ltr", "fa": "rtl"}  # the languages there are, and how their pages run


def render(template: str, *, lang: str, styles: tuple[str, ...], script: str = "", **context: Any) -> str:
    """The page `template` in `lang`, `styles` and `script` inline, under a policy that lets nothing else act."""
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
    environment.filters |= {
        "prose": pass_context(lambda context, text: prose(text, context["lang"])),
        "direction": pass_context(lambda context, text: direction(text, context["lang"])),
        "number": number,
        "parted": parted,
    }
    return environment


def _finalize(value: object) -> object:
    """Every string that a template prints goes through `visible`; what is HTML already (our own) does not."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
