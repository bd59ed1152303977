"""What students write as a formula, read into a graph by a grammar of our own: nothing of it is ever run as code.

    formula    = [[name] "="] (value | rows | "{" rows "}")    rows   = value ["," | "if"] truth {"," value ...}
    value      = either ["if" either "else" value | "?" value ":" value] | "if" either "then" value "else" value
    either     = both {"or" both}                             both   = truth {"and" truth}
    truth      = ["not"] sum {("<" | "<=" | ">" | ">=" | "==" | "!=") sum}
    sum        = product {("+" | "-") product}                product = signed {("*" | "/" | nothing) signed}
    signed     = ["+" | "-"] power                            power   = atom ["^" signed]
    atom       = number | name | function "(" value, ... ")" | "(" value ")" | "|" value "|" | "{" value "}" | ...

`1/2x` is read from left to right, as `1/2*x`: a product without its sign binds no tighter than one with it. In LaTeX,
where it may also be sympy's way to write 1/(2*x), it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction

from grader.checking.symbolic import branches, forms
from grader.checking.symbolic.graph import CONDITIONS, MAX_EXPONENT, MAX_NODES, Bomb, Graph
from grader.checking.symbolic.tokens import CLOSING, RELATIONS, WORDS, FormulaError, Token, names_the_answer, tokens
from grader.checking.symbolic.vocabulary import INFINITE

MAX_DEPTH = 60  # symbolic.md


@dataclass(frozen=True)
class Formula:
    """`root` is the formula's node; `condition` says that a comparison was read as 1 where it holds, else 0.

    `doubts` are readings that its writer may not have meant, the x/2 of 1/2x: the key of a sentence -> the first place.
    """

    root: int
    condition: bool = False
    doubts: Mapping[str, int] = field(default_factory=dict)


def parse(text: str, graph: Graph, names: Mapping[str, str], without: frozenset[str] = frozenset()) -> Formula:
    """Read `text` into `graph`.

    `names` are the question's own symbols; a value that starts with "=" is an abbreviation (`{"s": "= sigmoid(x)"}`).
    `without` are functions that this answer may not use. FormulaError says in one sentence what could not be read.
    """
    graph.begin()
    reader = Reader(text, graph, names, without)
    try:
        return Formula(reader.whole(), reader.condition, reader.doubts)
    except Bomb as bomb:
        raise too_much(bomb) from None


def too_much(bomb: Bomb) -> FormulaError:
    """What a student reads whose formula grew beyond a limit."""
    limits = {"nodes": MAX_NODES, "exponent": MAX_EXPONENT}
    return FormulaError(f"bomb.{bomb.what}", limit=limits.get(bomb.what, 0))


class Reader:
    """Where we are in the tokens, and the grammar's rules as methods; each returns the node that it has read."""

    def __init__(
        self,
        text: str,
        graph: Graph,
        names: Mapping[str, str],
        without: frozenset[str],
        inside: frozenset[str] = frozenset(),
    ) -> None:
        self.graph, self.names, self.without, self.inside = graph, names, without, inside
        self.tokens = tokens(text)
        self.latex = "\\" in text
        self.here = 0
        self.depth = 0
        self.bars = 0  # |...| that are open where we read
        self.rows = False  # inside a cases environment, where & parts the columns
        self.asking = False  # where a condition is asked, and = asks too
        self.condition = False
        self.doubts: dict[str, int] = {}
        self.loose = -1  # the place behind an exponent without brackets that may go on

    @property
    def next(self) -> Token:
        return self.tokens[self.here]

    def sees(self, *texts: str) -> bool:
        return self.next.kind != "end" and self.next.kind != "number" and self.next.text in texts

    def take(self, *texts: str) -> bool:
        if self.sees(*texts):
            self.here += 1
            return True
        return False

    def need(self, text: str, opened: Token) -> None:
        if not self.take(text):
            if self.next.kind == "end":
                raise FormulaError("open", sign=opened.text, at=opened.at)
            raise self.odd()

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FormulaError("deep", limit=MAX_DEPTH)

    def odd(self) -> FormulaError:
        if self.next.kind == "end":
            return FormulaError("ends")
        return FormulaError("unexpected", sign=self.next.text, at=self.next.at)

    def doubt(self, key: str, at: int) -> None:
        """Whoever is wrong reads that this was read so: the sentence same.`key`."""
        self.doubts.setdefault(key, at)

    def whole(self) -> int:
        if self.next.kind == "end":
            raise FormulaError("empty")
        equals = [k for k, token in enumerate(self.tokens) if token.text == "="]
        if equals and names_the_answer(self.tokens[: equals[0]]):
            self.here = equals[0] + 1
        i = self.number(branches.cases_alone(self) or self.value())
        if self.sees("="):
            raise FormulaError("sides", at=self.next.at)
        if self.next.kind != "end":
            raise self.odd()
        return i

    def value(self) -> int:
        self.deeper()
        i = branches.conditional(self) if self.sees("if") else self._either()
        if not self.rows and self.take("if"):
            condition = self.asked()
            if not self.take("else"):
                raise self.odd()
            i = self.choice(condition, i, self.value())
        elif self.take("?"):
            condition, first = self.truth_of(i), self.value()
            if not self.take(":"):
                raise self.odd()
            i = self.choice(condition, first, self.value())
        self.depth -= 1
        return i

    def asked(self) -> int:
        """The condition behind an `if`."""
        kept, self.asking = self.asking, True
        i = self.truth_of(self._either())
        self.asking = kept
        return i

    def _either(self) -> int:
        i = self._both()
        while self.sees("or") or (self.sees("|") and not self.bars and self.is_condition(i)):
            self.here += 1
            i = self.graph.put("or", self.truth_of(i), self.truth_of(self._both()))
        return i

    def _both(self) -> int:
        i = self._truth()
        while self.sees("and") or (self.sees("&") and not self.rows):
            self.here += 1
            i = self.graph.put("and", self.truth_of(i), self.truth_of(self._truth()))
        return i

    def _truth(self) -> int:
        if self.take("not"):
            self.deeper()
            i = self.graph.put("not", self.truth_of(self._truth()))
            self.depth -= 1
            return i
        left = self._sum()
        found: list[int] = []
        while self.sees(*RELATIONS) or (self.asking and self.sees("=")):
            op = RELATIONS.get(self.next.text, "eq")
            self.here += 1
            right = self._sum()
            found.append(self.relation(op, left, right))
            left = right
        return left if not found else found[0] if len(found) == 1 else self.graph.put("and", *found)

    def relation(self, op: str, left: int, right: int) -> int:
        if op in ("gt", "ge"):
            return self.relation("lt" if op == "gt" else "le", right, left)
        if op == "ne":
            return self.graph.put("not", self.relation("eq", left, right))
        ends = INFINITE.get(self.graph.nodes[left][0], 0), INFINITE.get(self.graph.nodes[right][0], 0)
        if any(ends):  # no bound at all, or one that nothing reaches
            true = self.graph.put("true")
            return true if op != "eq" and ends[0] < ends[1] else self.graph.put("not", true)
        return self.graph.put(op, self.number(left), self.number(right))

    def _sum(self) -> int:
        i = self._product()
        terms = [i]
        while self.sees("+", "-"):
            minus = self.next.text == "-"
            self.here += 1
            term = self.number(self._product())
            terms.append(self.graph.minus(term) if minus else term)
        return i if len(terms) == 1 else self.graph.add(self.number(i), *terms[1:])

    def _product(self) -> int:
        i = self._signed()
        factors = [i]
        over = False
        while True:
            if self.sees("*", "/"):
                over = self.next.text == "/"
                if over and self.here == self.loose and self.tokens[self.here + 1].kind == "number":  # e^-x/2
                    self.doubt("exponent", self.next.at)
                self.here += 1
                factor = self.number(self._signed())
                factors.append(self.graph.power(factor, self.graph.number(-1)) if over else factor)
            elif self.starts_atom() and not (self.sees("|") and self.is_condition(i)):
                if self.next.kind == "number" and self.tokens[self.here - 1].kind == "number":
                    raise self.odd()
                before = self.tokens[self.here - 1]
                if before.text.endswith(".") and self.next.at > before.at + len(before.text):  # a list's 2. x
                    raise FormulaError("unexpected", sign=before.text, at=before.at)
                if self.next.line != before.line and not self.latex:
                    raise FormulaError("drawn", at=self.next.at)
                if over and self.latex:
                    raise FormulaError("slash", at=self.next.at)
                if over:
                    self.doubt("beside", self.next.at)
                if self.here == self.loose and forms.is_symbol(self):
                    self.doubt("exponent", self.next.at)
                token, factor = self.next, self.number(self.power())
                if token.kind == "number" and self.graph.value(factor) is not None:  # (1+x)2: what copying left of ²
                    raise FormulaError("behind", at=token.at)
                factors.append(factor)
            else:
                return i if len(factors) == 1 else self.graph.mul(self.number(i), *factors[1:])

    def starts_atom(self) -> bool:
        if self.next.kind == "number":
            return True
        if self.next.kind == "name":
            return self.next.text not in WORDS
        return self.sees("(", "[", "{") or (self.sees("|") and not self.bars)

    def _signed(self) -> int:
        minus = False
        while self.sees("+", "-"):
            minus ^= self.next.text == "-"
            self.here += 1
        i = self.power()
        if minus and self.graph.nodes[i] == ("oo",):
            return self.graph.put("-oo")
        return self.graph.minus(self.number(i)) if minus else i

    def power(self) -> int:
        i = self.atom()
        while self.next.kind in ("cast", "method"):
            token = self.next
            if token.kind == "cast":  # (x > 0).astype(float)
                i = self.one_where(self.truth_of(i))
                self.here += 1
            else:  # (1 + x).pow(2)
                self.here += 1
                owner, name = Token("part", str(i), token.at), Token("name", token.text[1:], token.at + 1, token.line)
                i = forms.method(self, owner, name)
        return self._raised(i) if self.sees("^", "**") else i

    def _raised(self, base: int) -> int:
        self.here += 1
        self.deeper()
        exponent = self.number(self._signed())
        self.depth -= 1
        i = self.graph.power(self.number(base), exponent)
        doubtful = self.graph.nodes[i][0] == "exp" or self.graph.value(exponent) in (1, -1)  # e^-2x, x^1/2
        if doubtful and self.tokens[self.here - 1].text not in CLOSING.values():
            self.loose = self.here
        return i

    def atom(self) -> int:
        token = self.next
        if token.kind == "number":
            self.here += 1
            if forms.is_indicator(self, token):
                self.take("_")
                return branches.indicator(self, token)
            return self._literal(token)
        if token.kind == "part":
            self.here += 1
            return int(token.text)
        if token.kind == "name" and token.text not in ("if", "else", "and", "or"):
            self.here += 1
            return forms.named(self, token)
        if self.take("|"):
            self.bars += 1
            i = self.graph.put("abs", self.number(self.value()))
            self.need("|", token)
            self.bars -= 1
            return i
        if self.sees("(", "[", "{"):
            self.here += 1
            return self.closed(token)
        raise self.odd()

    def nested_atom(self) -> int:
        """An atom within another one: a bracket counts by what is in it, the second root of `√√x` by itself."""
        opened = self.next
        if self.sees("(", "[", "{"):
            self.here += 1
            return self.closed(opened)
        self.deeper()
        i = self.atom()
        self.depth -= 1
        return i

    def closed(self, opened: Token, asking: bool = False) -> int:
        with self.within(opened, asking=asking):
            return self.value()

    @contextmanager
    def within(self, opened: Token, rows: bool = False, asking: bool = False) -> Iterator[None]:
        """What is read here stands between the bracket `opened`, which has been taken, and its partner."""
        kept = self.bars, self.rows, self.asking
        self.bars, self.rows, self.asking = 0, rows, rows or asking
        yield
        self.bars, self.rows, self.asking = kept
        self.need(CLOSING[opened.text], opened)

    def _literal(self, token: Token) -> int:
        mantissa, _, exponent = token.text.lower().partition("e")
        if abs(int(exponent or 0)) > MAX_EXPONENT:
            raise Bomb("exponent")
        return self.graph.number(Fraction(mantissa.rstrip(".")) * Fraction(10) ** int(exponent or 0))

    def abbreviation(self, name: str) -> int:
        """What the question's own abbreviation stands for."""
        if name in self.inside:
            raise FormulaError("circular", name=name)
        return Reader(self.names[name][1:], self.graph, self.names, frozenset(), self.inside | {name}).whole()

    def is_condition(self, i: int) -> bool:
        return self.graph.nodes[i][0] in CONDITIONS

    def number(self, i: int) -> int:
        if self.graph.nodes[i][0] in INFINITE:
            raise FormulaError("infinite")
        if not self.is_condition(i):
            return i
        self.condition = True
        return self.one_where(i)

    def one_where(self, condition: int) -> int:
        return self.graph.put("choose", condition, self.graph.number(1), self.graph.put("true"), self.graph.number(0))

    def choice(self, condition: int, first: int, second: int) -> int:
        """`first` where the condition holds, else `second`; a condition itself where both of them are."""
        if self.is_condition(first) and self.is_condition(second):
            first, second = self.one_where(first), self.one_where(second)
            chosen = self.graph.put("choose", condition, first, self.graph.put("true"), second)
            return self.graph.put("lt", self.graph.number(0), chosen)
        return self.graph.put("choose", condition, self.number(first), self.graph.put("true"), self.number(second))

    def truth_of(self, i: int) -> int:
        if self.is_condition(i):
            return i
        raise FormulaError("condition_asked", at=self.tokens[max(self.here - 1, 0)].at)
