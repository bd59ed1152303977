"""What is no formula, or might be two, is refused: the sentence names the fault and its place, in both languages."""

from __future__ import annotations

import pytest

from grader.checking.symbolic.formula import parse
from grader.checking.symbolic.graph import MAX_NODES, Graph
from grader.checking.symbolic.tokens import FormulaError
from tests.checking.symbolic.test_formula import read


def refusal(text: str, without: tuple[str, ...] = ()) -> str:
    with pytest.raises(FormulaError) as caught:
        read(text, without)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "no formula"),
        ("x +", "ends too early"),
        ("(x", "character 1"),
        ("x)", "character 2"),
        ("3 4", "character 3"),
        ("2 θ x", "theta (character 3) is not known"),
        ("2*foo + 1", "foo (character 3)"),
        ("foo", "x, a, alpha"),
        ("x ? 1", "character 3"),
        ("\\begin{cases} 1 & x > 0 \\\\ q & x < 0 \\end{cases}", "q (character 28)"),
        ("\\begin{cases} 1 & x @ 0 \\end{cases}", "@ (character 21)"),
        ("\\begin{cases} 1 & x > 0", "( (character 1) is opened but never closed"),
        ("\\\\frac{1}{2}", "\\ (character 1)"),
        ("sin", "sin(x)"),
        ("σ(1 - σ)", "needs its argument"),
        ("tanh^-1(x)", "1/tanh"),
        ("max()", "cannot be read"),
        ("log(x, 2, 3)", "too many arguments, 3"),
        ("where(x, 1, 2)", "A condition such as x > 0 was asked before character 14"),
        ("root(x, a)", "whole number"),
        ("\\sqrt[0]{x}", "The degree of the root at character 1 must be a whole number above zero"),
        ("\\sqrt[00]{x}", "above zero"),
        ("sqrt[-1]{x}", "above zero"),
        ("\\sqrt[2.5] x", "above zero"),
        ("√[2](x, a)", "arguments"),
        ("√x²", "two meanings: write `sqrt(x^2)` or `sqrt(x)^2`"),
        ("2 + √", "√ (character 5) needs its argument"),
        ("tanh x/2", "tanh (character 1) needs its argument in brackets"),
        ("1 + elu(x)", "elu (character 5) leaves its parameter out: write it, as in elu(x, a)."),
        ("e-x/(1+e-x)2", "(character 12): write ^ before it if it is a power"),
        ("σ(x) 2²", "(character 6): write ^"),
        ("x 3x", "(character 3): write ^"),
        ("ln 1 + e^x", "ln (character 1) needs its argument in brackets"),
        ("x/√1-x", "√ (character 3) needs its argument in brackets"),
        ("1 x > 0, 0 x < 0", "The case that begins at character 1 is a condition without a value"),
        ("{1 if x > 0, x < 0}", "The case that begins at character 14 is a condition"),
        ("x σ'(x)", "At character 3 a derivative is named but not worked out"),
        ("d/dx max(0, x)", "At character 1 a derivative"),
        ("\\frac{d}{dx} x^2", "At character 7 a derivative"),
        ("Derivative(x^2, x)", "At character 1 a derivative"),
        ("if x > 0 then 1", "ends too early"),
        ("if(x > 0, 1)", "if (character 1) has too few arguments, 2; it takes 3 at least"),
        ("if(x > 0, 1, 2, 3)", "if (character 1) has too many arguments, 4; it takes 3 at most"),
        ("(x = 1)", "cannot be read at = (character 4)"),
        ("(1 + x).foo(2)", "foo (character 9) is not known"),
        ("xexp", "xexp (character 1) is not known"),
        ("2xexp x", "xexp (character 2) is not known"),
        ("2. x", "cannot be read at 2. (character 1)"),
        ("x → 2x", "→ (character 3)"),
        ("s^", "ends too early"),
        ("0,5x", "cannot be read at , (character 2)"),
        ("1, x; 0, x > 1", "A condition such as x > 0 was asked before character 4"),
        ("(x).astype(int)", "A condition such as x > 0 was asked before character 3"),
        ("x + .float()", "cannot be read at .float() (character 5)"),
        ("int(x)", "A condition"),
        ("\\frac{x}{a} = 2x", "an equation goes on at character 13: write one of its sides alone"),
        ("f'(x) = 2x = x + x", "an equation goes on at character 12"),
        ("`x", "The sign ` (character 1)"),
        (" . ", "no formula"),
        ("x.T", "x.T (character 1) is not known"),
        ("clip(x, 1, 2, 3)", "cannot be read at 3"),
        ("clip(x, lower=1)", "lower (character 9)"),
        ("ln 2 e^x", "ln (character 1) needs its argument in brackets"),
        ("1_", "cannot be read at _ (character 2)"),
        ("1_000 x", "cannot be read at _ (character 2)"),
        ("2_{x>0}", "cannot be read at _ (character 2)"),
        ("9**9**9**9", "larger than 1000"),
        ("(10^999)*(10^999)", "A number in the formula grows too large: write it with smaller numbers."),
        ("x^10001", "larger than 1000"),
        ("1e99999", "larger than 1000"),
        ("1" * 41, "A number with more than 40 digits (character 1)"),
        ("x" * 2001, "2000 characters"),
        ("(" * 100 + "x" + ")" * 100, "60 brackets"),
        ("^".join("x" * 100), "60 brackets"),
        ("not " * 100 + "x>0", "60 brackets"),
        ("√" * 100 + "x", "60 brackets"),
        ("\\frac" * 390 + "x", "60 brackets"),
        ("sin^" * 490 + "x", "60 brackets"),
        ("sin 1_{" * 60 + "x", "60 brackets"),
        ("+".join("x" * 600), f"{MAX_NODES} parts"),
        ("__import__('os').system('true')", "character 1"),
        ("x.__class__", "not known"),
        ("lambda x: x", "character 9"),
        ("[x for x in a]", "cannot be read"),
        ("\x00", "U+0000"),
        ("\ud800", "U+D800"),
        ("piecewise", "argument in brackets"),
        ("Piecewise(x)", "too few arguments, 1; it takes 2 at least"),
        ("tanh(x, 2)", "tanh (character 1) has too many arguments, 2; it takes 1 at most"),
        ("where(x > 0, 1)", "too few arguments, 2; it takes 3 at least"),
        ("piecewise(x, 2, 3)", "A condition"),
        ("select([x > 0], [1, 2])", "another number of values, 2, than of conditions, 1"),
        ("select(x > 0, 1)", "cannot be read at x"),
        ("select([x > 0] [1])", "cannot be read at ["),
        ("reduce(tanh, [x, 1])", "cannot be read at tanh"),
        ("reduce(max [x, 1])", "cannot be read at ["),
        ("x > 0 ? 1", "ends too early"),
        ("x ? 1 : 0", "A condition"),
        ("\\tanh \\frac{x}{2} x", "tanh"),
        ("    2\nsech (x)", "drawn over several lines (character 7)"),
        ("x\n-\n2", "drawn over several lines (character 3)"),
        ("log(x)\n──────\n  2", "drawn over several lines"),
        ("   2\n- x\n e", "drawn over several lines"),
        ("\\sqrt{2} x / 2 \\sqrt{\\pi}", "from character 16 on may be under the slash"),
        ("2½x", "½ (character 2)"),
        ("Log[2, x]", "cannot be read at [ (character 4)"),
        ("\\root{3}{x}", "root (character 1)"),
        ("x if x > 0", "ends too early"),
        ("∞", "Infinity is no number to compute with: it is read only as a bound, as in x < oo."),
        ("x - oo < 1", "Infinity"),
        ("Piecewise((-oo, x < 0), (1, True))", "Infinity"),
    ],
)
def test_refusals(text: str, names: str) -> None:
    """What cannot be read is answered with one sentence that says where, or what is known."""
    assert names in refusal(text)


def test_forbidden_function() -> None:
    """A function that a question asks to be written out may not be its own answer."""
    assert "mish may not be used" in refusal("mish(x)", without=("mish",))
    assert read("x*tanh(softplus(x))", without=("mish",))


def test_circular_abbreviation() -> None:
    """An abbreviation that contains itself is named, not followed for ever."""
    with pytest.raises(FormulaError, match="contains itself"):
        parse("p", Graph(), {"p": "= 1 + q", "q": "= 2*p"})


def test_refusals_are_bilingual() -> None:
    """Every refusal has its Persian sentence, with Persian digits."""
    with pytest.raises(FormulaError) as caught:
        read("2*foo")
    assert "۳" in caught.value.text.fa
    assert "foo" in caught.value.text.fa
