"""What a name in a formula begins: a symbol, a function with its arguments, a fraction or a form of `branches`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.checking.symbolic import branches
from grader.checking.symbolic.tokens import CLOSING, RELATIONS, WORDS, FormulaError, Token, group, require_count
from grader.checking.symbolic.vocabulary import FUNCTIONS, PARAMETRIC, SPECIAL, constant, function

if TYPE_CHECKING:
    from grader.checking.symbolic.formula import Reader

LONGEST = 20  # characters of a symbol that is looked for in a product without signs
BRANCHING = {
    "select": branches.select,
    "reduce": branches.reduced,
    "clip": branches.clipped,
    "cases": branches.cases,
}
COUNTS = {"not": (1, 1), "and": (1, 20), "or": (1, 20), "where": (3, 3), "ite": (3, 3)}  # arguments; relations have two


def named(r: Reader, token: Token) -> int:
    """What the name `token`, just taken, begins: the question's own symbols come first."""
    if r.sees("'"):
        raise FormulaError("unworked", at=token.at)
    own = known(r, token.text)
    if own is not None:
        return abbreviated(r, own) if r.names[own].startswith("=") else r.graph.put("sym", own)
    owner, _, function_of_it = token.text.partition(".")
    if function_of_it and r.sees("(") and known(r, owner):
        at = token.at + len(owner) + 1
        return method(r, Token("name", owner, token.at), Token("name", function_of_it, at, token.line))
    step = token.text in ("theta", "Theta") and r.sees("(")  # sympy's LaTeX: \theta(x)
    name = "heaviside" if step else function(token.text)
    if name is not None:
        if name in r.without:
            raise FormulaError("without", name=token.text)
        return special(r, name, token) if name in SPECIAL else call(r, name, token)
    fixed = constant(token.text)
    if fixed == "e" and not r.sees("^", "**"):
        r.doubt("bare_e", token.at)
    if fixed is not None:
        return r.graph.put("exp", r.graph.number(1)) if fixed == "e" else r.graph.put(fixed)
    if token.text in ("True", "true", "otherwise"):
        return r.graph.put("true")
    if token.text in ("False", "false"):
        return r.graph.put("not", r.graph.put("true"))
    parts = factors_of(r, token.text)
    if len(parts) > 1:
        places = [token.at + len("".join(parts[:k])) for k in range(len(parts))]
        r.tokens[r.here - 1 : r.here] = [
            Token("name", part, at, token.line) for part, at in zip(parts, places, strict=True)
        ]
        return named(r, r.tokens[r.here - 1])  # ax is a*x; the rest follows as a product without its sign
    if token.text in ("Derivative", "diff", "D", "grad") or (token.text in ("d", "partial") and r.sees("/", "}")):
        raise FormulaError("unworked", at=token.at)
    raise FormulaError("unknown", name=token.text, at=token.at, known=", ".join(r.names) or "-")


def factors_of(r: Reader, name: str) -> list[str]:
    """The names that `name` is the product of: symbols and e, longest first, and last a function that is called."""
    parts: list[str] = []
    while name:
        called = parts and function(name) is not None and r.sees("(", "[")
        lengths = (n for n in range(LONGEST, 0, -1) if known(r, name[:n]) or name[:n] == "e")
        n = len(name) if called else next(lengths, 0)
        if not n:
            return []
        parts, name = [*parts, name[:n]], name[n:].lstrip("_")
    return parts


def known(r: Reader, name: str) -> str | None:
    """The question's symbol that `name` spells (`z_1` for z1, `lambda` for lam), or None."""
    spellings = (name, name.replace("_", ""), {"lambda": "lam", "lam": "lambda", "lamda": "lam"}.get(name, name))
    for spelt in spellings:
        if spelt in r.names:
            return spelt
    return next((own for own in r.names if own.replace("_", "") == name.replace("_", "")), None)


def abbreviated(r: Reader, name: str) -> int:
    """The question's own abbreviation; `f(x)` is f itself, with the symbols that it is of, and `f^2(x)` its square."""
    i = r.abbreviation(name)
    symbols = r.graph.names([i])
    place = r.here
    if r.sees("^", "**"):
        opens = r.tokens[place + 1].text in CLOSING
        place = min(place + 1 + (len(group(r.tokens, place + 1)) if opens else 1), len(r.tokens) - 1)
    inside = group(r.tokens, place)[1:-1] if r.tokens[place].text in ("(", "[") else []
    if inside and all(known(r, t.text) in symbols for t in inside[::2]) and all(t.text == "," for t in inside[1::2]):
        del r.tokens[place : place + len(inside) + 2]
    return i


def method(r: Reader, owner: Token, name: Token) -> int:
    """`x.clamp(0, 1)` and `(x).clamp(0, 1)` are clamp(x, 0, 1); all up to the bracket has been taken."""
    first = [owner]
    if r.tokens[r.here + 1].text != ")":
        first.append(Token("sign", ",", owner.at))
    r.tokens[r.here + 1 : r.here + 1] = first
    r.tokens[r.here - 1] = name
    return named(r, name)


def call(r: Reader, name: str, token: Token) -> int:
    """A function's value: `sech(x)`, `sech^2(x)`, `sech^2 x`."""
    exponent = None
    if r.sees("^", "**"):  # sech^2(x), sech^2 x
        r.here += 1
        exponent = r.number(exponent_of_name(r, token))
    index = degree(r, token) if name == "sqrt" else []
    opened = r.next
    fewest, most, build = FUNCTIONS["root" if index else name]
    given = [*arguments(r, token), *index]
    require_count(token, len(given), fewest, most)
    parameter = left_out(r, given) if name in PARAMETRIC and len(given) == 1 else None
    if parameter:
        raise FormulaError("parameter", name=token.text, at=token.at, parameter=parameter)
    if name == "log" and opened.text == "[" and len(given) > 1:  # Mathematica's Log[2, x] has its base first
        raise FormulaError("unexpected", sign="[", at=opened.at)
    try:
        i = build(r.graph, *map(r.number, given))
    except ValueError:
        raise FormulaError("root", at=token.at) from None
    return i if exponent is None else r.graph.power(i, exponent)


def left_out(r: Reader, given: list[int]) -> str | None:
    """The question's parameter, a symbol that is bounded, where it is not among `given`."""
    used = r.graph.names(given)
    bounded = (name for name, meaning in r.names.items() if meaning.startswith(("positive", "negative", "in(")))
    return next((name for name in bounded if name not in used), None)


def arguments(r: Reader, token: Token) -> list[int]:
    """What the function `token` is of, with brackets or without."""
    if r.sees("(", "[", "{"):
        opened = r.next
        r.here += 1
        if r.sees("[") and function(token.text) in ("max", "min"):  # max([0, x])
            with r.within(opened):
                return branches.row(r)
        return branches.listed(r, opened)
    return [under_root(r, token) if token.text == "√" else bare_argument(r, token)]


def degree(r: Reader, token: Token) -> list[int]:
    """The 3 of `\\sqrt[3]{x}` or `√[3]x`, a bracket between the root and what is under it; empty where none stands."""
    opened = r.next
    if not r.sees("["):
        return []
    behind = r.tokens[min(r.here + len(group(r.tokens, r.here)), len(r.tokens) - 1)]
    if behind.text != "{" and not (token.text == "√" and (behind.text == "(" or behind.kind in ("number", "name"))):
        return []
    r.here += 1
    return [r.number(r.closed(opened))]


def exponent_of_name(r: Reader, token: Token) -> int:
    """The 2 of `tanh^2 x`; `tanh^-1 x` has two meanings and is refused."""
    minus = r.take("-")
    i = r.number(r.nested_atom())
    i = r.graph.minus(i) if minus else i
    value = r.graph.value(i)
    if value is not None and value < 0:
        raise FormulaError("inverse", name=token.text, at=token.at)
    return i


def bare_argument(r: Reader, token: Token) -> int:
    """`sech x`, `tanh 2x`, `log|x|`: numbers, symbols, their powers and bars, up to anything else; or a \\frac alone.

    `cosh x e^x` is cosh(x)*e^x; `ln 2 e^x` might be either and is refused, as are `tanh x/2` and `ln 1 + e^x`.
    """
    factors: list[int] = []
    r.deeper()  # `sin 1_{sin 1_{...`
    if r.sees("frac") and known(r, "frac") is None:
        factors.append(r.number(r.atom()))
        if begins_factor(r):
            raise FormulaError("bare", name=token.text, at=token.at)
    while begins_factor(r):
        if factors and is_exponential(r):
            if r.graph.names(factors):
                break
            raise FormulaError("bare", name=token.text, at=token.at)
        here, to_e = r.here, is_exponential(r)
        factors.append(r.number(r.power()))
        raised = r.tokens[here + 1]
        if raised.text in ("^", "**") and not to_e:
            r.doubt("argument", raised.at)
    r.depth -= 1
    if not factors or (r.sees("/") and r.tokens[r.here + 1].kind == "number"):
        raise FormulaError("bare", name=token.text, at=token.at)
    return whole_argument(r, token, r.graph.mul(*factors))


def begins_factor(r: Reader) -> bool:
    """Is a number, a symbol or a bar next, which a function without brackets takes?"""
    return r.next.kind == "number" or (r.next.kind == "name" and is_symbol(r)) or (r.sees("|") and not r.bars)


def under_root(r: Reader, token: Token) -> int:
    """The one number, symbol or function under a root sign without brackets: `√2x` is √2 times x."""
    if not r.starts_atom():
        raise FormulaError("bare", name=token.text, at=token.at)
    i = r.number(r.nested_atom())
    if r.sees("^", "**"):
        raise FormulaError("root_power", at=token.at)
    return whole_argument(r, token, i)


def whole_argument(r: Reader, token: Token, i: int) -> int:
    """`i`; a 1 with more behind it is refused: nobody writes ln 1, so `ln 1 + e^x` is meant to be ln(1 + e^x)."""
    if r.graph.value(i) == 1 and r.sees("+", "-"):
        raise FormulaError("bare", name=token.text, at=token.at)
    return i


def is_exponential(r: Reader) -> bool:
    """Is `e^` next?"""
    name = r.next.text
    return constant(name) == "e" and known(r, name) is None and r.tokens[r.here + 1].text in ("^", "**")


def is_symbol(r: Reader) -> bool:
    """Is the next name one of the question's symbols, or a product of them without signs?"""
    name = r.next.text
    if known(r, name) is not None or constant(name) is not None:
        return True
    return name not in WORDS and function(name) is None and bool(factors_of(r, name))


def special(r: Reader, name: str, token: Token) -> int:
    """The forms whose arguments are conditions, branches or bare groups."""
    if name == "frac":
        top = r.number(fraction_part(r))
        return r.graph.over(top, r.number(fraction_part(r)))
    if name == "indicator":
        r.take("_")
        return branches.indicator(r, token)
    if not r.sees("(", "["):
        raise FormulaError("bare", name=token.text, at=token.at)
    opened = r.next
    r.here += 1
    if name == "piecewise":
        return branches.piecewise(r, opened) if r.sees(*CLOSING) else branches.flat_piecewise(r, opened)
    if name in BRANCHING:
        return BRANCHING[name](r, opened)
    if token.text.endswith(".reduce"):  # numpy.logical_and.reduce((condition, ...))
        with r.within(opened):
            given = branches.row(r)
    else:
        given = branches.listed(r, opened, asking=True)
    fewest, most = COUNTS.get(name, (2, 2))
    require_count(token, len(given), fewest, most)
    if name in ("where", "ite"):
        condition, first, second = given
        return r.choice(r.truth_of(condition), first, second)
    if name in ("and", "or", "not"):
        return r.graph.put(name, *map(r.truth_of, given))
    return r.relation(name, given[0], given[1])


def fraction_part(r: Reader) -> int:
    """One of \\frac's two: a group, or a single digit as in `\\frac12`."""
    token = r.next
    if token.kind == "number" and len(token.text) > 1 and token.text.isdigit():  # \frac12
        r.tokens[r.here : r.here + 1] = [Token("number", digit, token.at + k) for k, digit in enumerate(token.text)]
    return r.nested_atom()


def is_indicator(r: Reader, token: Token) -> bool:
    """Is the number `token`, just taken, the 1 of `1_{x > 0}` or `1[x > 0]`?"""
    if token.text == "1" and r.sees("_"):
        return r.tokens[r.here + 1].text in CLOSING
    return (
        token.text == "1"
        and r.sees("[", "{")
        and any(inside.text in (*RELATIONS, "=") for inside in group(r.tokens, r.here))
    )
