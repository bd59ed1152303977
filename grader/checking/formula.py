"""What students write as a formula, read into a graph by a grammar of our own: nothing of it is ever run as code.

    formula    = [name "="] value
    value      = either ["if" either "else" value]           either = both {"or" both}       both = truth {"and" truth}
    truth      = ["not"] sum {("<" | "<=" | ">" | ">=" | "==" | "!=") sum}
    sum        = product {("+" | "-") product}                product = signed {("*" | "/" | nothing) signed}
    signed     = ["+" | "-"] power                            power   = atom ["^" signed]
    atom       = number | name | function "(" value, ... ")" | "(" value ")" | "|" value "|" | "{" value "}" | ...

`1/2x` is read from left to right, as `1/2*x`: a product without its sign binds no tighter than one with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from grader.checking.graph import CONDITIONS, MAX_EXPONENT, MAX_NODES, Bomb, Graph
from grader.checking.tokens import FormulaError, Token, tokens
from grader.checking.vocabulary import CONSTANTS, FUNCTIONS, SPECIAL, function

MAX_DEPTH = 60  # symbolic.md
_RELATIONS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_WORDS = frozenset({"if", "else", "and", "or", "not", "for", "otherwise"})


@dataclass(frozen=True)
class Formula:
    """`root` is the formula's node; `condition` says that a comparison was read as 1 where it holds, else 0."""

    root: int
    condition: bool = False


def parse(text: str, graph: Graph, names: Mapping[str, str], without: frozenset[str] = frozenset()) -> Formula:
    """Read `text` into `graph`.

    `names` are the question's own symbols; a value that starts with "=" is an abbreviation (`{"s": "= sigmoid(x)"}`).
    `without` are functions that this answer may not use. FormulaError says in one sentence what could not be read.
    """
    graph.begin()
    reader = _Reader(text, graph, names, without)
    try:
        return Formula(reader.whole(), reader.condition)
    except Bomb as bomb:
        limits = {"nodes": MAX_NODES, "exponent": MAX_EXPONENT}
        raise FormulaError(f"bomb.{bomb.what}", limit=limits.get(bomb.what, 0)) from None


class _Reader:
    def __init__(self, text: str, graph: Graph, names: Mapping[str, str], without: frozenset[str], inside: frozenset[str] = frozenset()) -> None:
        self.graph, self.names, self.without, self.inside = graph, names, without, inside
        self.tokens = tokens(text)
        self.here = 0
        self.depth = 0
        self.bars = 0  # |...| that are open where we read
        self.rows = False  # inside a cases environment, where & parts the columns
        self.condition = False

    # what comes next

    @property
    def next(self) -> Token:
        return self.tokens[self.here]

    def _is(self, *texts: str) -> bool:
        return self.next.kind != "end" and self.next.kind != "number" and self.next.text in texts

    def _take(self, *texts: str) -> bool:
        if self._is(*texts):
            self.here += 1
            return True
        return False

    def _need(self, text: str, opened: Token) -> None:
        if not self._take(text):
            if self.next.kind == "end":
                raise FormulaError("open", sign=opened.text, at=opened.at)
            raise self._odd()

    def _odd(self) -> FormulaError:
        if self.next.kind == "end":
            return FormulaError("ends")
        return FormulaError("unexpected", sign=self.next.text, at=self.next.at)

    # the grammar

    def whole(self) -> int:
        if self.next.kind == "end":
            raise FormulaError("empty")
        equals = [k for k, token in enumerate(self.tokens) if token.text == "="]
        if equals and self._names_itself(self.tokens[: equals[0]]):
            self.here = equals[0] + 1
        i = self._number(self.value())
        if self.next.kind != "end":
            raise self._odd()
        return i

    @staticmethod
    def _names_itself(before: list[Token]) -> bool:
        """`f =`, `f'(x) =`, `df/dx =`: a left side that only names the answer."""
        return 0 < len(before) <= 6 and before[0].kind == "name" and all(t.kind == "name" or t.text in "'()/_" for t in before)

    def value(self) -> int:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FormulaError("deep", limit=MAX_DEPTH)
        i = self._either()
        if not self.rows and self._take("if"):
            condition = self._truth_of(self._either())
            if not self._take("else"):
                raise self._odd()
            i = self.graph.put("choose", condition, self._number(i), self.graph.put("true"), self._number(self.value()))
        self.depth -= 1
        return i

    def _either(self) -> int:
        i = self._both()
        while self._is("or") or (self._is("|") and not self.bars and self._is_condition(i)):
            self.here += 1
            i = self.graph.put("or", self._truth_of(i), self._truth_of(self._both()))
        return i

    def _both(self) -> int:
        i = self._truth()
        while self._is("and") or (self._is("&") and not self.rows):
            self.here += 1
            i = self.graph.put("and", self._truth_of(i), self._truth_of(self._truth()))
        return i

    def _truth(self) -> int:
        if self._take("not"):
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise FormulaError("deep", limit=MAX_DEPTH)
            i = self.graph.put("not", self._truth_of(self._truth()))
            self.depth -= 1
            return i
        left = self._sum()
        found: list[int] = []
        while self._is(*_RELATIONS):
            op = _RELATIONS[self.next.text]
            self.here += 1
            right = self._sum()
            found.append(self._relation(op, self._number(left), self._number(right)))
            left = right
        return left if not found else found[0] if len(found) == 1 else self.graph.put("and", *found)

    def _relation(self, op: str, left: int, right: int) -> int:
        if op in ("gt", "ge"):
            return self.graph.put("lt" if op == "gt" else "le", right, left)
        if op == "ne":
            return self.graph.put("not", self.graph.put("eq", left, right))
        return self.graph.put(op, left, right)

    def _sum(self) -> int:
        i = self._product()
        terms = [i]
        while self._is("+", "-"):
            minus = self.next.text == "-"
            self.here += 1
            term = self._number(self._product())
            terms.append(self.graph.minus(term) if minus else term)
        return i if len(terms) == 1 else self.graph.add(self._number(i), *terms[1:])

    def _product(self) -> int:
        i = self._signed()
        factors = [i]
        while True:
            if self._is("*", "/"):
                over = self.next.text == "/"
                self.here += 1
                factor = self._number(self._signed())
                factors.append(self.graph.power(factor, self.graph.number(-1)) if over else factor)
            elif self._starts_atom() and not (self._is("|") and self._is_condition(i)):
                if self.next.kind == "number" and self.tokens[self.here - 1].kind == "number":
                    raise self._odd()
                factors.append(self._number(self._power()))
            else:
                return i if len(factors) == 1 else self.graph.mul(self._number(i), *factors[1:])

    def _starts_atom(self) -> bool:
        if self.next.kind == "number":
            return True
        if self.next.kind == "name":
            return self.next.text not in _WORDS
        return self._is("(", "[", "{") or (self._is("|") and not self.bars)

    def _signed(self) -> int:
        minus = False
        while self._is("+", "-"):
            minus ^= self.next.text == "-"
            self.here += 1
        i = self._power()
        return self.graph.minus(self._number(i)) if minus else i

    def _power(self) -> int:
        i = self._atom()
        return self._raised(i) if self._is("^", "**") else i

    def _raised(self, base: int) -> int:
        self.here += 1
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FormulaError("deep", limit=MAX_DEPTH)
        exponent = self._number(self._signed())
        self.depth -= 1
        return self.graph.power(self._number(base), exponent)

    def _atom(self) -> int:
        token = self.next
        if token.kind == "number":
            self.here += 1
            if self._take("_"):
                return self._indicator(token)  # 1_{x > 0}
            if token.text == "1" and self._is("[", "{") and self._holds_relation():
                return self._indicator(token)
            return self._literal(token)
        if token.kind == "name" and token.text not in ("if", "else", "and", "or"):
            self.here += 1
            return self._named(token)
        if self._take("|"):
            self.bars += 1
            i = self.graph.put("abs", self._number(self.value()))
            self._need("|", token)
            self.bars -= 1
            return i
        if self._is("(", "[", "{"):
            self.here += 1
            return self._closed(token)
        raise self._odd()

    def _closed(self, opened: Token) -> int:
        bars, self.bars = self.bars, 0
        i = self.value()
        self.bars = bars
        self._need(_CLOSING[opened.text], opened)
        return i

    def _literal(self, token: Token) -> int:
        mantissa, _, exponent = token.text.lower().partition("e")
        if abs(int(exponent or 0)) > MAX_EXPONENT:
            raise Bomb("exponent")
        return self.graph.number(Fraction(mantissa.rstrip(".")) * Fraction(10) ** int(exponent or 0))

    # names

    def _named(self, token: Token) -> int:
        known = self._known(token.text)
        if known is not None:
            return self._symbol(known)
        name = function(token.text)
        if name is not None and (name not in CONSTANTS):
            if name in self.without:
                raise FormulaError("without", name=token.text)
            return self._special(name, token) if name in SPECIAL else self._call(name, token)
        if token.text in ("e", "E"):
            return self.graph.put("exp", self.graph.number(1))
        if token.text in ("pi", "Pi"):
            return self.graph.put("pi")
        if token.text in ("True", "true", "otherwise"):
            return self.graph.put("true")
        if token.text in ("False", "false"):
            return self.graph.put("not", self.graph.put("true"))
        parts = list(token.text)
        if len(parts) > 1 and all(self._known(part) or part == "e" for part in parts):
            self.tokens[self.here - 1 : self.here] = [Token("name", part, token.at + k) for k, part in enumerate(parts)]
            return self._named(self.tokens[self.here - 1])  # ax is a*x; the rest follows as a product without its sign
        raise FormulaError("unknown", name=token.text, at=token.at, known=", ".join(self.names) or "-")

    def _known(self, name: str) -> str | None:
        spellings = (name, name.replace("_", ""), {"lambda": "lam", "lam": "lambda", "lamda": "lam"}.get(name, name))
        for spelt in spellings:
            if spelt in self.names:
                return spelt
        return next((own for own in self.names if own.replace("_", "") == name.replace("_", "")), None)

    def _symbol(self, name: str) -> int:
        meaning = self.names[name]
        if not meaning.startswith("="):
            return self.graph.put("sym", name)
        if name in self.inside:
            raise FormulaError("circular", name=name)
        return _Reader(meaning[1:], self.graph, self.names, frozenset(), self.inside | {name}).whole()

    def _call(self, name: str, token: Token) -> int:
        exponent = None
        if self._is("^", "**"):  # sech^2(x), sech^2 x
            self.here += 1
            exponent = self._number(self._exponent_of_name(token))
        fewest, most, build = FUNCTIONS[name]
        if self._is("(", "[", "{"):
            opened = self.next
            self.here += 1
            given = self._list(opened)
        elif name == "sqrt" and self._is("_"):
            raise self._odd()
        else:
            given = [self._bare_argument(token)]
        if not fewest <= len(given) <= most:
            raise FormulaError("arguments", name=token.text, at=token.at, wanted=fewest, given=len(given))
        try:
            i = build(self.graph, *map(self._number, given))
        except ValueError:
            raise FormulaError("root", at=token.at) from None
        return i if exponent is None else self.graph.power(i, exponent)

    def _exponent_of_name(self, token: Token) -> int:
        i = self._number(self._signed_atom())
        value = self.graph.value(i)
        if value is not None and value < 0:
            raise FormulaError("inverse", name=token.text, at=token.at)
        return i

    def _signed_atom(self) -> int:
        minus = self._take("-")
        i = self._atom()
        return self.graph.minus(self._number(i)) if minus else i

    def _bare_argument(self, token: Token) -> int:
        """`sech x`, `tanh 2x`, `log|x|`: numbers, symbols, their powers and bars, up to anything else."""
        factors: list[int] = []
        while self.next.kind == "number" or (self.next.kind == "name" and self._is_symbol()) or (self._is("|") and not self.bars):
            factors.append(self._number(self._power()))
        if not factors:
            raise FormulaError("bare", name=token.text, at=token.at)
        return self.graph.mul(*factors)

    def _is_symbol(self) -> bool:
        name = self.next.text
        if self._known(name) is not None or name in ("pi", "e"):
            return True
        return name not in _WORDS and function(name) is None and all(self._known(part) or part == "e" for part in name)

    def _list(self, opened: Token) -> list[int]:
        bars, self.bars = self.bars, 0
        rows, self.rows = self.rows, False
        given = [self.value()]
        while self._take(",", ";"):
            given.append(self.value())
        self.bars, self.rows = bars, rows
        self._need(_CLOSING[opened.text], opened)
        return given

    def _special(self, name: str, token: Token) -> int:
        if name == "frac":
            top = self._number(self._fraction_part())
            return self.graph.over(top, self._number(self._fraction_part()))
        if name == "indicator":
            self._take("_")
            return self._indicator(token)
        if not self._is("("):
            raise FormulaError("bare", name=token.text, at=token.at)
        opened = self.next
        self.here += 1
        if name == "piecewise":
            return self._piecewise(opened)
        if name == "cases":
            return self._rows(opened)
        given = self._list(opened)
        counts = {"not": (1, 1), "and": (1, 20), "or": (1, 20), "where": (3, 3), "ite": (3, 3)}
        fewest, most = counts.get(name, (2, 2))
        if not fewest <= len(given) <= most:
            raise FormulaError("arguments", name=token.text, at=token.at, wanted=fewest, given=len(given))
        if name in ("where", "ite"):
            condition, first, second = given
            return self.graph.put("choose", self._truth_of(condition), self._number(first), self.graph.put("true"), self._number(second))
        if name in ("and", "or", "not"):
            return self.graph.put(name, *map(self._truth_of, given))
        return self._relation(name, self._number(given[0]), self._number(given[1]))

    def _fraction_part(self) -> int:
        token = self.next
        if token.kind == "number" and len(token.text) > 1 and token.text.isdigit():  # \frac12
            self.tokens[self.here : self.here + 1] = [Token("number", digit, token.at + k) for k, digit in enumerate(token.text)]
        return self._atom()

    def _indicator(self, token: Token) -> int:
        if not self._is("[", "(", "{"):
            raise FormulaError("bare", name=token.text, at=token.at)
        opened = self.next
        self.here += 1
        condition = self._truth_of(self._closed(opened))
        return self.graph.put("choose", condition, self.graph.number(1), self.graph.put("true"), self.graph.number(0))

    def _holds_relation(self) -> bool:
        level = 0
        for token in self.tokens[self.here :]:
            level += (token.text in ("[", "{", "(")) - (token.text in ("]", "}", ")"))
            if token.text in _RELATIONS:
                return True
            if level == 0:
                return False
        return False

    def _piecewise(self, opened: Token) -> int:
        branches: list[int] = []
        bars, self.bars = self.bars, 0
        rows, self.rows = self.rows, False
        while True:
            token = self.next
            if not self._take("(", "["):
                raise self._odd()
            value = self._number(self.value())
            condition = self._truth_of(self.value()) if self._take(",") else self.graph.put("true")
            self._need(_CLOSING[token.text], token)
            branches += [condition, value]
            if not self._take(",", ";"):
                break
        self.bars, self.rows = bars, rows
        self._need(")", opened)
        return self.graph.put("choose", *branches)

    def _rows(self, opened: Token) -> int:
        branches: list[int] = []
        bars, self.bars = self.bars, 0
        rows, self.rows = self.rows, True
        while not self._is(")"):
            value = self._number(self.value())
            self._take(",")
            self._take("&")
            self._take("if", "for")
            condition = self.graph.put("true") if self._is(";", ")") else self._truth_of(self.value())
            branches += [condition, value]
            self._take(",")
            if not self._take(";"):
                break
        self.bars, self.rows = bars, rows
        self._need(")", opened)
        if not branches:
            raise FormulaError("empty")
        return self.graph.put("choose", *branches)

    # conditions and numbers

    def _is_condition(self, i: int) -> bool:
        return self.graph.nodes[i][0] in CONDITIONS

    def _number(self, i: int) -> int:
        if not self._is_condition(i):
            return i
        self.condition = True
        return self.graph.put("choose", i, self.graph.number(1), self.graph.put("true"), self.graph.number(0))

    def _truth_of(self, i: int) -> int:
        if self._is_condition(i):
            return i
        raise FormulaError("condition", at=self.tokens[max(self.here - 1, 0)].at)
