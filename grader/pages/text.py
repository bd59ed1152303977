"""How text is shown on a page: nothing invisible, each script in its own order, numbers and labels as people write."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from fractions import Fraction

from markupsafe import Markup, escape

from grader.phrases import PERSIAN_DIGITS

PERSIAN_FIGURES = PERSIAN_DIGITS | {ord("."): "٫"}  # with U+066B as the decimal mark
KEPT = "\n\t\u200c\u200d"  # lines and tabs; the two joiners that Persian and emoji are spelt with
INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, format characters (the bidi overrides), surrogates, line breaks

ARABIC = "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc"  # Unicode's blocks of the Arabic script
ARABIC_LETTER = re.compile(f"[{ARABIC}]")
ARABIC_RUN = re.compile(f"[{ARABIC}](?:[^A-Za-z\n]*[{ARABIC}])?")
LATIN_LETTER = re.compile(r"[A-Za-z]")
LATIN_RUN = re.compile(f"[^{ARABIC}\u200c\u200d«»\n]+")
CODE = re.compile(r"`([^`\n]+)`")
SENTENCE_MARKS = " \t.,;:!?…"  # they belong to the sentence around a run, not to the run
HAS_WORD = re.compile(r"[A-Za-z0-9\u0370-\u03ff]")  # a Latin letter, a digit, a Greek letter


def visible(text: str) -> str:
    """`text` with every invisible character spelt out, U+202E as ⟦U+202E⟧: nothing hides, nothing turns a line."""
    return "".join(f"⟦U+{ord(c):04X}⟧" if unicodedata.category(c) in INVISIBLE and c not in KEPT else c for c in text)


def direction(text: str, lang: str) -> str:
    """The direction of a paragraph: its language's own wherever it has one letter of that language's script."""
    arabic, latin = ARABIC_LETTER.search(text), LATIN_LETTER.search(text)
    return "rtl" if arabic and (lang == "fa" or not latin) else "ltr"


def prose(text: str, lang: str) -> Markup:
    """A sentence as HTML: escaped, `code` set as code, and runs of the other direction kept in order by <bdi>."""
    isolate = _isolate_latin if direction(text, lang) == "rtl" else _isolate_arabic
    pieces = CODE.split(visible(text))  # odd pieces are code
    return Markup("").join(
        Markup('<code dir="ltr">{}</code>').format(piece) if odd % 2 else isolate(piece)
        for odd, piece in enumerate(pieces)
    )


def _isolate_arabic(text: str) -> Markup:
    return _wrap(text, [m.span() for m in ARABIC_RUN.finditer(text)], Markup("<bdi>{}</bdi>"))


def _isolate_latin(text: str) -> Markup:
    spans = (_core(text, *m.span()) for m in LATIN_RUN.finditer(text))
    return _wrap(text, [s for s in spans if HAS_WORD.search(text[slice(*s)])], Markup('<bdi dir="ltr">{}</bdi>'))


def _core(text: str, start: int, end: int) -> tuple[int, int]:
    """The run without the sentence's marks around it; a bracket at its edge belongs to it only with its partner."""
    while start < end:
        run = text[start:end]
        if run[0] in SENTENCE_MARKS or (run[0] == "(" and run.count("(") > run.count(")")):
            start += 1
        elif run[-1] in SENTENCE_MARKS or (run[-1] == ")" and run.count(")") > run.count("(")):
            end -= 1
        elif run[0] == ")" or run[-1] == "(":
            start, end = start + (run[0] == ")"), end - (run[-1] == "(")
        else:
            break
    return start, max(start, end)


def _wrap(text: str, spans: Iterable[tuple[int, int]], template: Markup) -> Markup:
    out, at = [], 0
    for start, end in spans:
        out += [escape(text[at:start]), template.format(text[start:end])]
        at = end
    return Markup("").join([*out, escape(text[at:])])


def parted(name: str) -> Markup:
    """A name of Python as HTML that may go on in the next line between its words, and not within one."""
    return Markup(re.sub(r"(::|_)(?=\w)", r"\1<wbr>", str(escape(visible(name)))))


def number(value: float | Fraction, lang: str = "en", digits: int = 2) -> str:
    """A number as people write it: 1.5, not 1.50; in Persian ۱٫۵."""
    shown = f"{float(value):.{digits}f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return digits_in("0" if shown == "-0" else shown, lang)


def digits_in(text: str, lang: str) -> str:
    """The same with the digits of the language."""
    return text.translate(PERSIAN_FIGURES) if lang == "fa" else text
