"""From the characters that students type to tokens: Unicode signs, Persian digits, LaTeX commands, numpy prefixes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.phrases import phrase
from grader.records import Text

MAX_CHARACTERS = 2000  # symbolic.md
MOST_NAMING = 6  # tokens of a left side such as f ' ( x ) :
MAX_DIGITS = 40  # of one literal: torch's page on SELU has constants of 32
CLOSING = {"(": ")", "[": "]", "{": "}"}
WORDS = frozenset({"if", "else", "and", "or", "not", "for", "when", "then", "otherwise"})
RELATIONS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}


class FormulaError(Exception):
    """A text that is not a formula we read; `text` is the one sentence for its writer."""

    def __init__(self, key: str, **values: object) -> None:
        self.text: Text = phrase(f"same.{key}", **values)
        super().__init__(self.text.en)


def require_count(token: Token, given: int, fewest: int, most: int) -> None:
    """FormulaError for the function `token` with fewer or more arguments than it takes."""
    if not fewest <= given <= most:
        key, wanted = ("few", fewest) if given < fewest else ("many", most)
        raise FormulaError(key, name=token.text, at=token.at, wanted=wanted, given=given)


@dataclass(frozen=True)
class Token:
    """`kind` is number, name, sign, cast, method or end, or part: read already, `text` is its node.

    `at` counts the characters from 1, `line` the lines from 0.
    """

    kind: str
    text: str
    at: int
    line: int = 0


_GREEK = {
    "alpha": "αɑ", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "εϵɛ", "zeta": "ζ", "eta": "η", "theta": "θ",
    "Theta": "Θ", "kappa": "κ", "lambda": "λ", "mu": "μµ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "phi": "φϕɸ", "Phi": "Φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Delta": "Δ", "partial": "∂", "oo": "∞",
    "indicator": "𝟙𝟏𝕀",
}  # fmt: skip
GREEK = {sign: name for name, signs in _GREEK.items() for sign in signs}
_SIGNS = {
    "*": "·×⋅∗∙•⁎",
    "-": "−–—‐‑﹣",
    "/": "÷∕⁄",
    "<=": "≤⩽",
    ">=": "≥⩾",
    "!=": "≠",
    " and ": "∧",
    " or ": "∨",
    " not ": "¬",
    ",": "،",
    ".": "٫",
    ";": "؛",
    "|": "∣│‖",
    "√": "√",
    "(1/2)": "½",
    "(1/4)": "¼",
    "(3/4)": "¾",
    "(1/3)": "⅓",
    "'": "’′",
    "(": "⟨〖",
    ")": "⟩〗",
}
SIGNS = {sign: plain for plain, signs in _SIGNS.items() for sign in signs}
MACRONS = "¯ˉ"  # what people type for a raised minus: x¯¹
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_LATEX = {
    "*": "cdot times ast",
    "/": "div",
    "<=": "le leq leqslant",
    ">=": "ge geq geqslant",
    "<": "lt",
    ">": "gt",
    "!=": "ne neq",
    " and ": "land wedge",
    " or ": "lor vee",
    " not ": "lnot neg",
    "|": "lvert rvert vert mid",
    "": "left right big Big bigl bigr Bigl Bigr",
    " ": "quad qquad displaystyle textstyle limits boxed",
    " oo ": "infty",
    " frac ": "dfrac tfrac cfrac",
    " epsilon ": "varepsilon",
    " phi ": "varphi",
    " √ ": "sqrt",
    "(": "lbrace",
    ")": "rbrace",
}
LATEX = {command: plain for plain, commands in _LATEX.items() for command in commands.split()}
_INDICATOR = re.compile(r"\\(?:mathbb|mathbf|mathbbm|mathds|boldsymbol|bm)\s*(?:\{\s*[1I]\s*\}|1)")
_WRAPPED = re.compile(r"\\(?:operatorname\*?|mathrm|mathit|mathsf|text|textrm|mbox|rm)\s*\{([^{}\\]*)\}")
_LEADS_ON = re.compile(r"(?:[\s⇒⟹→∴&]|\\(?:Rightarrow|implies|therefore|to)(?![A-Za-z]))+")  # a derivation's next line
_WORD = re.compile(r"〖(\s*[A-Za-z]+\s*)〗(?=\s*\^)")  # Word's invisible brackets around a name: 〖sech〗^2 (x)
_DISPLAY = r"\{(?:equation|displaymath|math|align|gather|split)\*?\}"
_EQUATION = re.compile(rf"\\(?:begin|end)\s*{_DISPLAY}|&(?=\s*=)")
_TRAIL = re.compile(rf"(?:[\s.,;$]|\\[\\,;:!)\]]|\\end\s*{_DISPLAY})+\Z")
_BRACE = re.compile(r"\\left\s*(?:\\\{|\\lbrace)\s*(?=\\begin)|\\right\s*\.")
_PRIME = re.compile(r"\^\s*(?:\\prime(?![A-Za-z])|\{\s*\\prime\s*\})")
_CASES = re.compile(
    r"\\begin\s*\{(?:[dr]?cases|aligned|matrix|array\}\s*\{[lcr|\s]*)\}|\\\\"
    r"|\\end\s*\{(?:[dr]?cases|aligned|matrix|array)\}"
)
_CASES_SIGNS = {"\\b": "cases(", "\\\\": ";", "\\e": ")"}
_COMMAND = re.compile(r"\\([A-Za-z]+)(_?)")
_TOKEN = re.compile(
    r"(?P<space>\s+|\.(?=[-+*/^<>=!&|(]))"  # Julia's and MATLAB's dots: 1 .- tanh.(x).^2
    r"|(?P<number>(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>√|[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)"
    r"|(?P<cast>\.(?:(?:astype|to|type)\([\w.]*\)|(?:float|double|int|long)\(\)))"
    r"|(?P<method>(?<=\))\.[A-Za-z_]\w*(?=\())"
    r"|(?P<sign>\*\*|<=|>=|!=|==|&&|//|[-+*/^()\[\]{},;|<>=&_'~?:])"
)
_SAME = {"&&": "&", "~": "not"}
_BAR = re.compile(r"(?<=\n)[^\S\n]*[-─—_]+[^\S\n]*(?=\n)")  # a fraction's, on a line of its own
_MARKED = re.compile(r"\s*(?:```[a-z]*\s|`|\*\*)(.*?)(?:```|`|\*\*)[\s.,;]*", re.DOTALL)  # as Markdown has it
_MIXED = re.compile(r"\d\s*([½¼¾⅓])")  # 2½ is five halves, and 2·½ is 1
_SLOPE = re.compile(r"(frac\{)?(d|partial)\w*(\(\w+\))?(/|\}\{)(d|partial)\w")  # df(x)/dx, d/dx of whatever follows
_SUBSCRIPT = re.compile(r"(?<=[A-Za-z])_\s*\{\s*([A-Za-z0-9]+)\s*\}")


def tokens(text: str) -> list[Token]:
    """The tokens of `text`, an `end` last; FormulaError names the first character that is none."""
    if len(text) > MAX_CHARACTERS:
        raise FormulaError("long", limit=MAX_CHARACTERS)
    text = _unmarked(text)
    if "\\" not in text and (bar := _BAR.search(text)):
        raise FormulaError("drawn", at=bar.end())
    if mixed := _MIXED.search(text):
        raise FormulaError("character", sign=mixed.group(1), at=mixed.end())
    plain, places = _plain(text)
    found: list[Token] = []
    here = 0
    while here < len(plain):
        match = _TOKEN.match(plain, here)
        at = places[here]
        if match is None:
            raise FormulaError("character", sign=_shown(plain[here]), at=at)
        kind = str(match.lastgroup)
        piece = match.group()
        if kind == "number" and sum(c.isdigit() for c in piece) > MAX_DIGITS:
            raise FormulaError("digits", limit=MAX_DIGITS, at=at)
        if kind != "space":
            found.append(Token(kind, _SAME.get(piece, piece), at, text.count("\n", 0, at - 1)))
        here = match.end()
    found.append(Token("end", "", len(text) + 1))
    return found


def _unmarked(text: str) -> str:
    """`text` without the marks of Markdown and Word, and without the point that ends its sentence; all places stay."""
    if marked := _MARKED.fullmatch(text):
        text = " " * marked.start(1) + marked.group(1)
    if lead := _LEADS_ON.match(text):
        text = " " * lead.end() + text[lead.end() :]
    return _TRAIL.sub("", _WORD.sub(r" \1 ", text))


def _shown(sign: str) -> str:
    return sign if sign.isprintable() and not unicodedata.category(sign).startswith("C") else f"U+{ord(sign):04X}"


def _plain(text: str) -> tuple[str, list[int]]:
    """`text` in plain characters, and for each of them the place of the character that it came from."""
    pieces: list[tuple[str, int]] = []
    raised = False
    for at, sign in enumerate(text, 1):
        up = _raised(sign)
        if bool(up) != raised:
            raised = not raised
            pieces.append(("^(" if raised else ")", at))
        if pieces and (sign in LOWERED or sign == "_"):  # β₁ is one name
            pieces[-1] = (pieces[-1][0].rstrip(), pieces[-1][1])
        pieces.append((_plain_sign(up or sign), at))
    if raised:
        pieces.append((")", len(text) + 1))
    plain = "".join(piece for piece, _ in pieces)
    places = [at for piece, at in pieces for _ in piece]
    if "\\" in plain or "$" in plain:
        plain, places = _without_latex(plain, places)
    return _replaced(_SUBSCRIPT, lambda m: "_" + m.group(1), plain, places)


def _raised(sign: str) -> str:
    """What the superscript `sign` raises, the x of ˣ; empty for any other sign."""
    if sign.isascii():
        return ""
    kind, *codes = unicodedata.decomposition(sign).split() or [""]
    return "-" if sign in MACRONS else "".join(chr(int(code, 16)) for code in codes) if kind == "<super>" else ""


def _plain_sign(sign: str) -> str:
    if sign.isascii():
        return sign
    if sign in LOWERED:
        return LOWERED[sign]
    if sign in GREEK:
        return f" {GREEK[sign]} " if GREEK[sign] != "indicator" else " indicator"
    if sign in SIGNS:
        return SIGNS[sign]
    category = unicodedata.category(sign)
    if category == "Nd":
        return str(unicodedata.decimal(sign))
    if category in ("Cf", "Zs", "Mn"):
        return " "  # half-spaces, marks of direction: seen by nobody
    folded = unicodedata.normalize("NFKC", sign)
    if folded in GREEK:
        return f" {GREEK[folded]} "
    return folded if folded.isascii() and folded.isprintable() else sign


def _without_latex(plain: str, places: list[int]) -> tuple[str, list[int]]:
    plain, places = _replaced(_INDICATOR, lambda m: " indicator", plain, places)
    plain, places = _replaced(_WRAPPED, lambda m: f" {m.group(1).rstrip('.')} ", plain, places)
    plain, places = _replaced(_PRIME, lambda m: "'", plain, places)
    plain, places = _replaced(_EQUATION, lambda m: " ", plain, places)
    if "\\begin" in plain:
        plain, places = _replaced(_BRACE, lambda m: " ", plain, places)
        plain, places = _replaced(_CASES, lambda m: _CASES_SIGNS[m.group()[:2]], plain, places)
    plain, places = _replaced(re.compile(r"\\[,;:!> ()\[\]]|\$|~"), lambda m: " ", plain, places)
    plain, places = _replaced(
        re.compile(r"\\([{}|])"), lambda m: {"{": "(", "}": ")"}.get(m.group(1), "|"), plain, places
    )
    return _replaced(_COMMAND, lambda m: LATEX.get(m.group(1), f" {m.group(1)}") + (m.group(2) or " "), plain, places)


def _replaced(
    pattern: re.Pattern[str], by: Callable[[re.Match[str]], str], plain: str, places: list[int]
) -> tuple[str, list[int]]:
    """`pattern.sub`, keeping the places: what is put in stands where the first replaced character stood."""
    text, kept, here = "", [], 0
    for match in pattern.finditer(plain):
        new = by(match)
        text += plain[here : match.start()] + new
        kept += places[here : match.start()] + [places[match.start()]] * len(new)
        here = match.end()
    return text + plain[here:], kept + places[here:]


def group(found: Sequence[Token], here: int) -> Sequence[Token]:
    """The tokens from the bracket that opens at `here` to the one that closes it, or to the end."""
    level = 0
    for place in range(here, len(found)):
        level += (found[place].text in CLOSING) - (found[place].text in CLOSING.values())
        if level == 0:
            return found[here : place + 1]
    return found[here:]


def outermost(found: Sequence[Token]) -> list[Token]:
    """Those of the tokens that stand in no bracket."""
    level, kept = 0, []
    for token in found:
        level += token.text in CLOSING
        kept += [token] if level == 0 else []
        level -= token.text in CLOSING.values()
    return kept


def names_the_answer(before: Sequence[Token]) -> bool:
    """`f =`, `f'(x) :=`, `df/dx =`, `d/dx[x e^x] =`: a left side that names the answer, none of an equation."""
    text = "".join(t.text for t in before)
    if not before or text.count("(") != text.count(")"):
        return not before
    return bool(_SLOPE.match(text)) or (
        len(before) <= MOST_NAMING
        and before[0].kind == "name"
        and all((t.kind == "name" and t.text not in WORDS) or t.text in "'()/_{}:" for t in before)
    )
