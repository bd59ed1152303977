"""Formulas as students write them: our comparison beside sympy's `simplify(a - b) == 0` and `(a - b).equals(0)`.

    python benchmarks/symbolic.py DERIVATIVES.jsonl

Each row of the file has `student`, `true_derivative`, `variable`, `domain`, `parameters`, `expected_right`, `policy`;
rows that a course may decide either way (`policy`) are left out. A method has 5 s for a row; "over" counts those it
lost so. Both methods of sympy get our own reading of the text, so that only the deciding is compared.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import sympy

from grader.checking.symbolic import client
from grader.checking.symbolic.comparison import compare, table
from grader.checking.symbolic.evaluate import Precise
from grader.checking.symbolic.formula import parse
from grader.checking.symbolic.graph import Graph
from grader.checking.symbolic.tokens import FormulaError
from grader.checking.symbolic.verdict import Comparison

SECONDS = 5  # of a row, as in symbolic.md's trial
Row = dict[str, Any]


def main(path: Path) -> int:
    rows = [row for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()) if not row["policy"]]
    versions = f"Python {platform.python_version()}, sympy {sympy.__version__}, mpmath {mpmath.__version__}"
    device = f"{platform.processor() or platform.machine()}, one core of {os.cpu_count()}"
    print(f"{device}; {versions}; n = {len(rows)} rows, {sum(r['expected_right'] for r in rows)} of them right\n")
    print(f"{'method':<24}{'right':>8}{'accepted':>10}{'refused':>9}{'over':>6}   ms median / p95 / max")
    found = [(row, compare(row["student"], row["true_derivative"], symbols(row))) for row in rows]  # warms the caches
    for name, method in METHODS.items():
        report(name, rows, method)
    client.close()
    proved = sum(c.verdict == "equal-proved" for _, c in found)
    shown = [true_counterexample(row, c) for row, c in found if c.counterexample]
    print(f"\nproved {proved}, equal numerically {sum(c.equal for _, c in found) - proved}", end="; ")
    print(f"counterexamples {len(shown)}, true {sum(shown)}")
    return int(any(c.equal != row["expected_right"] for row, c in found) or not all(shown))


def report(name: str, rows: list[Row], method: Callable[[Row], bool]) -> None:
    """One line: right decisions, wrong rows accepted, right rows refused, rows over the time, milliseconds."""
    times, accepted, refused, over = [], 0, 0, 0
    for row in rows:
        start = time.perf_counter()
        try:
            with at_most(SECONDS):
                equal = method(row)
        except TimeoutError:
            equal, over = False, over + 1
        except (FormulaError, TypeError, NotImplementedError, AttributeError, ValueError):
            equal = False
        times.append(1000 * (time.perf_counter() - start))
        accepted += equal and not row["expected_right"]
        refused += row["expected_right"] and not equal
    times.sort()
    right = 100 * (len(rows) - accepted - refused) / len(rows)
    spread = f"{statistics.median(times):.1f} / {times[int(0.95 * len(times))]:.1f} / {times[-1]:.1f}"
    print(f"{name:<24}{right:>7.1f}%{accepted:>10}{refused:>9}{over:>6}   {spread}", flush=True)


def symbols(row: Row) -> dict[str, str]:
    return {row["variable"]: row["domain"], **row["parameters"]}


def true_counterexample(row: Row, found: Comparison) -> bool:
    """Do 60 digits at the point that was shown differ as it says?"""
    graph = Graph()
    names = table(symbols(row))[1]
    roots = [parse(row[key], graph, names).root for key in ("student", "true_derivative")]
    assert found.counterexample is not None
    at = {name: Fraction(repr(value)) for name, value in found.counterexample["at"].items()}
    yours, expected = Precise(graph, roots).at(at, 60)
    return bool(expected is not None and (yours is None or abs(yours - expected) > 1e-9 * max(1, abs(expected))))


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def difference(row: Row) -> Any:
    """student - expected as a sympy expression, built from our own graph: no text is given to sympy."""
    domains, names = table(symbols(row))
    graph = Graph()
    ours, right = (parse(row[key], graph, names).root for key in ("student", "true_derivative"))
    built: dict[int, Any] = {}
    for i in graph.reach((ours, right)):
        op, *rest = graph.nodes[i]
        if op == "sym":
            low = domains[rest[0]].low
            built[i] = sympy.Symbol(rest[0], real=True, positive=True if low is not None and low >= 0 else None)
        elif op == "num":
            built[i] = sympy.Rational(rest[0].numerator, rest[0].denominator)
        elif op == "choose":
            built[i] = sympy.Piecewise(*[(built[v], built[c]) for c, v in zip(rest[::2], rest[1::2], strict=True)])
        else:
            built[i] = SYMPY[op](*[built[j] for j in rest])
    return built[ours] - built[right]


SAME_NAME = ("exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "sech", "erf", "erfc", "sign")
CAPITAL = ("add", "mul", "pow", "max", "min", "lt", "le", "eq", "not", "and", "or", "abs", "heaviside")
SYMPY: dict[str, Callable[..., Any]] = {
    **{name: getattr(sympy, name) for name in SAME_NAME},
    **{name: getattr(sympy, name.capitalize()) for name in CAPITAL},
    "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
    "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    "true": lambda: sympy.true,
    "pi": lambda: sympy.pi,
}
METHODS: dict[str, Callable[[Row], bool]] = {
    "compare": lambda row: compare(row["student"], row["true_derivative"], symbols(row)).equal,
    "compare, in the helper": lambda row: client.compared(row["student"], row["true_derivative"], symbols(row)).equal,
    "simplify(a - b) == 0": lambda row: bool(sympy.simplify(difference(row)) == 0),
    "(a - b).equals(0)": lambda row: bool(difference(row).equals(0)),
}

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python benchmarks/symbolic.py DERIVATIVES.jsonl")
    sys.exit(main(Path(sys.argv[1])))
