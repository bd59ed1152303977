"""The forms of a formula that choose between values: Piecewise, where, select, cases, indicators, and clip."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from grader.checking.symbolic.tokens import CLOSING, RELATIONS, FormulaError, Token, group, outermost, require_count
from grader.checking.symbolic.vocabulary import FUNCTIONS, INFINITE, function

if TYPE_CHECKING:
    from grader.checking.symbolic.formula import Reader

PARAMETERS = frozenset({"alpha", "beta", "negative_slope"})  # of functions of two arguments, in torch and jax
TELLING = frozenset({*RELATIONS, "if", "for", "when", "otherwise"})


def indicator(r: Reader, token: Token) -> int:
    """`𝟙[x > 0]`, `1_{x > 0}`: 1 where the condition holds, else 0."""
    if not r.sees("[", "(", "{"):
        raise FormulaError("bare", name=token.text, at=token.at)
    opened = r.next
    r.here += 1
    return r.one_where(r.truth_of(r.closed(opened, asking=True)))


def conditional(r: Reader) -> int:
    """`if x > 0 then 1 else 0`, `if x > 0: 1, else: 0`, or a function of three, `if(x > 0, 1, 0)`."""
    word = r.next
    r.here += 1
    opened = r.next
    if opened.text == "(" and any(token.text in (",", ";") for token in outermost(group(r.tokens, r.here)[1:-1])):
        r.here += 1
        given = listed(r, opened, asking=True)
        require_count(word, len(given), 3, 3)
        return r.choice(r.truth_of(given[0]), given[1], given[2])
    condition = r.asked()
    r.take("then", ":", ",")
    first = r.value()
    r.take(",", ";")
    if not r.take("else", "otherwise"):
        raise r.odd()
    r.take(":", ",")
    return r.choice(condition, first, r.value())


def listed(r: Reader, opened: Token, asking: bool = False) -> list[int]:
    """The values between brackets, of which the first has been taken."""
    with r.within(opened, asking=asking):
        given = [r.value()]
        while r.take(",", ";"):
            if r.next.text in PARAMETERS and r.tokens[r.here + 1].text == "=":  # torch's elu(x, alpha=a)
                r.here += 2
            given.append(r.value())
    return given


def piecewise(r: Reader, opened: Token) -> int:
    """`Piecewise((value, condition), ..., (value, True))`, or `Piecewise[{{value, condition}, ...}, value]`."""
    with r.within(opened, asking=True):
        table = r.next
        if not r.take("{"):
            return r.graph.put("choose", *branches(r))
        with r.within(table, asking=True):
            found = branches(r)
        if r.take(","):
            found += [r.graph.put("true"), r.number(r.value())]
    return r.graph.put("choose", *found)


def branches(r: Reader) -> list[int]:
    """`(value, condition), ..., (value, True)` as condition, value, ...: a value alone holds for all the rest."""
    found: list[int] = []
    while True:
        opened = r.next
        if not r.take(*CLOSING):
            raise r.odd()
        with r.within(opened, asking=True):
            value = r.number(r.value())
            condition = r.truth_of(r.value()) if r.take(",") else r.graph.put("true")
        found += [condition, value]
        if not r.take(",", ";"):
            return found


def flat_piecewise(r: Reader, opened: Token) -> int:
    """`piecewise(condition, value, ..., value)`, as Maple has it: what is left at the end is for all the rest."""
    given = listed(r, opened, asking=True)
    if len(given) < 2:
        raise FormulaError("few", name="piecewise", at=opened.at, wanted=2, given=len(given))
    rest = [r.graph.put("true"), r.number(given.pop())] if len(given) % 2 else []
    pairs = zip(given[::2], given[1::2], strict=True)
    branches = [i for condition, value in pairs for i in (r.truth_of(condition), r.number(value))]
    return r.graph.put("choose", *branches, *rest)


def select(r: Reader, opened: Token) -> int:
    """`numpy.select([condition, ...], [value, ...], default=value)`; nan is no value, and nothing is 0."""
    with r.within(opened):
        conditions = [r.truth_of(i) for i in row(r)]
        if not r.take(","):
            raise r.odd()
        values = [r.number(i) for i in row(r)]
        if len(values) != len(conditions):
            raise FormulaError("select", at=opened.at, wanted=len(conditions), given=len(values))
        found = [i for pair in zip(conditions, values, strict=True) for i in pair]
        rest = r.graph.number(0)
        if r.take(","):
            if r.take("default") and not r.take("="):
                raise r.odd()
            if r.take("nan", "np.nan", "numpy.nan", "jax.numpy.nan"):
                return r.graph.put("choose", *found)
            rest = r.number(r.value())
    return r.graph.put("choose", *found, r.graph.put("true"), rest)


def reduced(r: Reader, opened: Token) -> int:
    """`functools.reduce(numpy.maximum, [value, ...])`."""
    with r.within(opened):
        name = function(r.next.text)
        if name not in ("max", "min", "and", "or"):
            raise r.odd()
        r.here += 1
        if not r.take(","):
            raise r.odd()
        given = row(r)
    if name in ("and", "or"):
        return r.graph.put(name, *map(r.truth_of, given))
    return FUNCTIONS[name].build(r.graph, *map(r.number, given))


def clipped(r: Reader, opened: Token) -> int:
    """`clip(x, low, high)`: a bound may be missing, None or infinite, or have its name as in `clamp(x, min=0)`."""
    lower, upper = FUNCTIONS["max"].build, FUNCTIONS["min"].build
    spelt = {"min": lower, "a_min": lower, "max": upper, "a_max": upper}
    bounds = [lower, upper]
    with r.within(opened):
        i = r.number(r.value())
        while r.take(","):
            named_one = r.tokens[r.here + 1].text == "=" and r.next.text in spelt
            if not (named_one or bounds):
                raise r.odd()
            bound = spelt[r.next.text] if named_one else bounds.pop(0)
            r.here += 2 * named_one
            if not r.take("None"):
                by = r.value()
                i = i if r.graph.nodes[by][0] in INFINITE else bound(r.graph, i, r.number(by))
    return i


def row(r: Reader) -> list[int]:
    """The values in a bracket of their own."""
    opened = r.next
    if not r.take("[", "("):
        raise r.odd()
    return listed(r, opened)


def cases(r: Reader, opened: Token) -> int:
    """LaTeX's cases, whose rows the tokens part with semicolons, or rows in a brace: `{1 if x > 0, 0 otherwise}`."""
    with r.within(opened, rows=True):
        return rows(r)


def cases_alone(r: Reader) -> int | None:
    """The value of `1 if x > 0, 0 otherwise`, in brackets or not, or a line each; None where other things stand."""
    opened, rest = r.next, r.tokens[r.here : -1]
    if opened.text == "if":
        return None
    if opened.text in ("{", "(") and len(group(r.tokens, r.here)) == len(rest):
        r.here += 1
        if tell_cases(rest[1:-1]):
            return cases(r, opened)
        r.here -= 1
        return None
    lines = [list(line) for _, line in itertools.groupby(rest, key=lambda token: token.line)]
    joined = any(token.text in ("else", "and", "or") for token in outermost(rest))  # one formula over several lines
    if len(lines) > 1 and not joined and all(tells(line) for line in lines):
        r.tokens[r.here : -1] = [token for line in lines for token in (*line, Token("sign", ";", line[-1].at))]
    if not tell_cases(r.tokens[r.here : -1]):
        return None
    r.rows = r.asking = True
    return rows(r)


def tell_cases(tokens: list[Token]) -> bool:
    """Are these values with conditions, parted by commas or semicolons?"""
    return tells(tokens) and any(token.text in (",", ";") for token in outermost(tokens))


def tells(tokens: list[Token]) -> bool:
    """Is a condition told here, outside of all brackets?"""
    return any(token.text in TELLING for token in outermost(tokens))


def rows(r: Reader) -> int:
    """`value & condition ; value & condition`, `value, condition; ...`, `value if condition, value otherwise`."""
    found: list[int] = []
    while r.next.kind != "end" and not r.sees(")", "}"):
        rest = r.take("else", "otherwise")
        token, value = r.next, r.value()
        if r.is_condition(value):
            if not r.take(":"):  # 1 x > 0: where does the value end?
                raise FormulaError("row", at=token.at)
            found += [value, r.number(r.value())]  # Desmos has {x > 0: 1, 0}
        else:
            for between in (",", "&", ",", ":"):
                r.take(between)
            r.take("if", "for", "when")
            rest = rest or r.take("else", "otherwise") or r.sees(";", ")", "}")
            found += [r.graph.put("true") if rest else r.truth_of(r.value()), value]
        if not r.take(",") | r.take(";"):
            break
    if not found:
        raise FormulaError("empty")
    return r.graph.put("choose", *found)
