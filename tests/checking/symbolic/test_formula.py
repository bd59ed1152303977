"""The reader of formulas: what students write is read as they mean it, and nothing that they write harms the reader."""

from __future__ import annotations

import contextlib
from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from grader.checking.symbolic.evaluate import Precise
from grader.checking.symbolic.formula import parse
from grader.checking.symbolic.graph import MAX_NODES, Graph
from grader.checking.symbolic.tokens import FormulaError

NAMES = {
    "x": "real",
    "a": "positive",
    "alpha": "positive",
    "lam": "positive",
    "z1": "real",
    "beta1": "real",
    "s": "= 1/(1+exp(-x))",
}


def read(text: str, without: tuple[str, ...] = ()) -> tuple[Graph, int]:
    graph = Graph()
    return graph, parse(text, graph, NAMES, frozenset(without)).root


STEPPED = "Piecewise((1, x > 0), (2, x < -1), (3, True))"
NESTED = "1 if x > 0 else 2 if x < -1 else 3"


def one(*texts: str) -> bool:
    """Are all these the same node of one graph?"""
    graph = Graph()
    return len({parse(text, graph, NAMES).root for text in texts}) == 1


@pytest.mark.parametrize(
    ("spelt", "plain"),
    [
        ("x^2", "x**2"),
        ("2x", "2*x"),
        ("x(1-x)", "x*(1-x)"),
        ("ax", "a*x"),
        ("xe^-x", "x*exp(-x)"),
        ("-xlog(x)", "-x*log(x)"),
        ("tanh z1x", "tanh(z1*x)"),
        ("z1x + z₁beta₁ + z_1beta_1", "z1*x + z1*beta1 + z1*beta1"),
        ("alphaexp(x) + alphae^x", "alpha*exp(x) + alpha*e^x"),
        ("axsin(x)", "a*x*sin(x)"),
        ("x²", "x^2"),
        ("e⁻ˣ", "exp(-x)"),
        ("xᵃ + e⁻ᵃˣ + xᵅ", "x^a + exp(-a*x) + x^alpha"),
        ("x¯¹ + eˉˣ", "x^(-1) + exp(-x)"),
        ("β₁ + β_1", "beta1 + beta1"),
        ("2·x×3⋅a − 1", "2*x*3*a-1"),
        ("۲x + ٣", "2*x+3"),
        ("σ(x)", "sigmoid(x)"),
        ("ln x", "log(x)"),
        ("|x|", "abs(x)"),
        ("|x||x|", "abs(x)*abs(x)"),
        ("||x|-1|", "abs(abs(x)-1)"),
        ("√x", "sqrt(x)"),
        ("√2x", "sqrt(2)*x"),
        ("√ax", "sqrt(a)*x"),
        ("√π e^(-x²)", "sqrt(pi)*exp(-x^2)"),
        ("\\sqrt 2 x", "sqrt(2)*x"),
        ("√√|x|", "sqrt(sqrt(abs(x)))"),
        ("√σ(x)", "sqrt(sigmoid(x))"),
        ("√(x)²", "sqrt(x)^2"),
        ("sqrt 2x", "sqrt(2*x)"),
        ("cosh x e^x", "cosh(x)*exp(x)"),
        ("sin 2x e^{-x}", "sin(2*x)*exp(-x)"),
        ("tanh e^x", "tanh(exp(x))"),
        ("ln xe", "log(x*e)"),
        ("½x", "x/2"),
        ("x 2^x + a 1[x > 0]", "x*2^x + a*(x > 0)"),
        ("ln 2 - ln 1", "log(2) - log(1)"),
        ("0.5x", "x/2"),
        ("1e-3", "1/1000"),
        ("αe^x", "alpha*exp(x)"),
        ("λ", "lam"),
        ("lambda", "lam"),
        ("z_1", "z1"),
        ("z₁", "z1"),
        ("z_{1}", "z1"),
        ("np.tanh(x)", "tanh(x)"),
        ("np.pi*math.pi*torch.pi*numpy.pi", "pi*pi*pi*pi"),
        ("np.e**x*math.e", "e^x*e"),
        ("cos np.pi x", "cos(pi*x)"),
        ("torch.sigmoid(x)", "sigmoid(x)"),
        ("sech^2 x", "sech(x)^2"),
        ("\\operatorname{sech}^2 x", "sech(x)^2"),
        ("tanh 2x", "tanh(2*x)"),
        ("\\frac{1}{1+e^{-x}}", "1/(1+exp(-x))"),
        ("\\frac12 x", "x/2"),
        ("\\sqrt[3]{x}", "x^(1/3)"),
        ("\\sqrt[3] x a", "x^(1/3)*a"),
        ("√[3](x)", "root(x, 3)"),
        ("sqrt[x](1 + x)", "sqrt(x)*(1 + x)"),
        ("\\sigma\\left(x\\right)\\cdot x", "sigmoid(x)*x"),
        ("$\\max(0, x)$", "Max(x, 0)"),
        ("\\max\\{0, x\\}", "max(0, x)"),
        ("f'(x) = 2x", "2x"),
        ("df/dx = 2x", "2x"),
        ("= 2x", "2x"),
        ("-x^2", "-(x^2)"),
        ("2^3^2", "512"),
        ("1/2x", "x/2"),
        ("s", "1/(1+exp(-x))"),
        ("x s(x)^2 + s[x]", "x*s^2 + s"),
        ("s²(x) + s^2(x) + s^(2)(1 - s)", "s^2 + s^2 + s^2*(1 - s)"),
        ("s(1-s) + s(a)", "s*(1-s) + s*a"),
        ("mish(x)", "x*tanh(softplus(x))"),
        ("(x > 0)", "Piecewise((1, x > 0), (0, True))"),
        ("𝟙[x>0]", "where(x > 0, 1, 0)"),
        ("\\mathbb{1}_{x>0}", "1 if x > 0 else 0"),
        ("[x > 0]", "1_{x > 0}"),
        ("\\begin{cases} 1 & x > 0 \\\\ 0 & \\text{otherwise} \\end{cases}", "Piecewise((1,x>0),(0,True))"),
        ("\\begin{cases} 1, & \\text{if } x \\ge 0 \\\\ 0, & x < 0 \\end{cases}", "Piecewise((1,x>=0),(0,x<0))"),
        ("\\begin{cases} a & x = 0 \\\\ 1 & x \\ne 0 \\end{cases}", "Piecewise((a, x == 0), (1, x != 0))"),
        ("\\begin{cases} a \\text{ if } x = 0 \\\\ 1 \\end{cases}", "where(x == 0, a, 1)"),
        (
            "\\begin{dcases} 1 & x > 0 \\\\ \\begin{cases} 2 & x < -1 \\\\ 3 \\end{cases} \\end{dcases}",
            "Piecewise((1, x > 0), (Piecewise((2, x < -1), (3, True)), True))",
        ),
        ("0 < x <= 1", "where((0 < x) & (x <= 1), 1, 0)"),
        ("where((x > 1) | (x < 0), 1, 0)", "where(x > 1 or x < 0, 1, 0)"),
        ("where(-oo < x, 1, 0)", "where(True, 1, 0)"),
        ("where(x <= \\infty, 1, 0)", "where(True, 1, 0)"),
        ("where(np.inf > x, 1, 0)", "where(True, 1, 0)"),
        ("where(x == ∞, 1, 0)", "where(False, 1, 0)"),
        ("where(Ne(x, oo), 1, 0)", "where(not False, 1, 0)"),
        ("where(x < -oo, 1, 0)", "where(False, 1, 0)"),
        ("heaviside(x, a)", "where(0 < x, 1, where(x < 0, 0, a))"),
        ("\\theta\\left(x\\right)", "Heaviside(x)"),
        ("Θ(x)", "Heaviside(x)"),
        ("copysign(1, x)", "abs(1)*sign(x)"),
        ("np.where(np.logical_and(np.less(x, 1), np.greater_equal(x, 0)), 1, 0)", "where((x < 1) & (x >= 0), 1, 0)"),
        ("x DiracDelta(x)", "x*Piecewise((0, x != 0))"),
        ("clip(x, -1, 1)", "min(max(x, -1), 1)"),
        ("np.clip(x, 0, None)", "max(x, 0)"),
        ("np.clip(x, -np.inf, 1)", "min(x, 1)"),
        ("torch.clamp(x, min=0)", "max(x, 0)"),
        ("x.clamp(max=a, min=-a)", "max(min(x, a), -a)"),
        ("`x^2`", "x^2"),
        ("```python\nx**2\n```", "x^2"),
        ("**x**2**", "x^2"),
        ("x^2.", "x^2"),
        ("1 if x > 0, 2 if x < -1, 3 otherwise", STEPPED),
        ("f'(x) = {1, x > 0; 2, x < -1; 3, otherwise}", STEPPED),
        ("1, if x > 0; 2, if x < -1, else 3", STEPPED),
        ("1 if x > 0\n2 if x < -1\n3 otherwise", STEPPED),
        ("f'(x) =\n1, x > 0\n2, x < -1\n3, otherwise", STEPPED),
        ("{x > 0: 1, x < -1: 2, 3}", STEPPED),
        ("\\left\\{x>0:1,x<-1:2,3\\right\\}", STEPPED),
        ("1: x > 0; 2: x < -1; 3: otherwise", STEPPED),
        ("if x > 0 then 1 else if x < -1 then 2 else 3", NESTED),
        ("1 if x > 0 else\n2 if x < -1 else 3", NESTED),
        ("if x > 0: 1, else: if x < -1: 2, else: 3", NESTED),
        ("if(x > 0, 1, if (x < -1, 2, 3))", NESTED),
        ("2*(if (x > 0) then 1, otherwise 3)", "2*where(x > 0, 1, 3)"),
        ("1 if x = 0 else a", "where(x == 0, 1, a)"),
        ("IF(x=0,1,a) + 1[x=0] + 1_{x = 0}", "where(x == 0, 1, a) + (x == 0) + (x == 0)"),
        ("a for x = 0, 1 when x != 0", "Piecewise((a, x == 0), (1, x != 0))"),
        (
            "\\left\\{\\begin{matrix} 1 & , x > 0 \\\\ 0 & \\text{otherwise.} \\end{matrix}\\right.",
            "Piecewise((1,x>0),(0,True))",
        ),
        ("\\frac{df(x)}{dx} = 2x", "2x"),
        ("∂L/∂x = 2x", "2x"),
        ("d/dx f(x) = 2x", "2x"),
        ("f^{\\prime}(x) = 2x", "2x"),
        ("\\frac{\\mathrm{d}}{\\mathrm{d}x} \\text{ReLU}(x) = 2x", "2x"),
        ("cbrt(x)", "sign(x)*abs(x)^(1/3)"),
        ("1.0507009873554804934193349852946x", "1.0507009873554804934193349852946*x"),
        ("\\frac{\\partial L}{\\partial z_1} = 2x", "2x"),
        ("(x > 0).astype(float)*a + (x <= 0).to(torch.float32)", "1[x > 0]*a + 1[x <= 0]"),
        ("(np.abs(x) < a).double()^2*x", "1[|x| < a]^2*x"),
        ("int(x > 0) + I(x > 1) + bool(x > 2)", "1[x > 0] + 1[x > 1] + 1[x > 2]"),
        ("np.where(x > 0, torch.tensor(1.0), np.zeros_like(x)) + np.ones_like(x)", "where(x > 0, 1, 0) + 1"),
        ("np.max([0, x]) + min([x, a])", "max(0, x) + min(x, a)"),
        ("np.logaddexp(0, x)", "log(exp(0) + exp(x))"),
        ("norm.cdf(x) + scipy.stats.norm.pdf(x)", "Phi(x) + phi(x)"),
        ("normcdf(x, z1, a) + norm.pdf(x, z1, a)", "Phi((x - z1)/a) + phi((x - z1)/a)/a"),
        ("F.elu(x, alpha=alpha) + F.leaky_relu(x, negative_slope=a)", "elu(x, alpha) + leaky_relu(x, a)"),
        ("x.sigmoid() + z_1.pow(2)", "sigmoid(x) + z1^2"),
        ("torch.exp(-x)/(1 + torch.exp(-x)).pow(2)", "exp(-x)/(1 + exp(-x))^2"),
        ("1 - torch.tanh(x).square() + (-x).exp().clamp(max=1)", "1 - tanh(x)^2 + min(exp(-x), 1)"),
        ("sin x/x + ln x/ln 2", "sin(x)/x + log(x)/log(2)"),
        ("max(x,\n    1)\n + 2", "max(x, 1) + 2"),
        ("x > 0 ? 1 : x < -1 ? 2 : 3", "1 if x > 0 else 2 if x < -1 else 3"),
        ("piecewise(x > 0, 1, x < -1, 2, 3)", STEPPED),
        ("Piecewise[{{1, x > 0}, {2, x < -1}}, 3]", STEPPED),
        ("numpy.select([numpy.greater(x, 0),numpy.less(x, -1),True], [1,2,3], default=numpy.nan)", STEPPED),
        ("np.select([x > 0, x < -1], [1, 2], default=3)", STEPPED),
        ("np.select([x > 0, x < -1], [1, 2], 3)", STEPPED),
        ("select([x > 0, x < -1], [1, 2])", "Piecewise((1, x > 0), (2, x < -1), (0, True))"),
        ("functools.reduce(numpy.maximum, [x, a, 1])", "max(x, a, 1)"),
        ("reduce(logical_or, (x > 0, a > 0))", "(x > 0) | (a > 0)"),
        ("numpy.logical_and.reduce((numpy.greater(x, 0),numpy.less(x, a)))", "(x > 0) & (x < a)"),
        ("ifelse(x > 0, 1, 2)", "where(x > 0, 1, 2)"),
        ("If[x > 0, 1, 2]", "where(x > 0, 1, 2)"),
        ("fmax(0, x)", "max(0, x)"),
        ("mpmath.mpf(1)/mpmath.mpf(2)*x", "1/2*x"),
        ("(x > 0).*(1) + x.^2./2", "(x > 0)*1 + x^2/2"),
        ("UnitStep[x] + LogisticSigmoid[x]", "Heaviside(x) + sigmoid(x)"),
        ("\\(e^{x}\\)", "exp(x)"),
        ("\\[e^{x}\\]", "exp(x)"),
        ("\\begin{equation*}e^{x}\\end{equation*}", "exp(x)"),
        ("\\begin{align*}\n f'(x) &= e^{x}.\n\\end{align*}", "exp(x)"),
        ("\\begin{equation} \\boxed{e^{x}}\\,, \\end{equation}", "exp(x)"),
        ("$$e^{x}.$$", "exp(x)"),
        ("e^{x} \\\\", "exp(x)"),
        ("f(x) := e^x", "exp(x)"),
        ("⇒ f'(x) = e^x", "exp(x)"),
        ("\\Rightarrow e^x", "exp(x)"),
        ("&= e^x", "exp(x)"),
        ("\\frac{d}{dx}\\left[x \\cdot e^{-x}\\right] = e^x", "exp(x)"),
        ("d/dx (x/(1+e^(-x))) = e^x", "exp(x)"),
        ("1 .- tanh.(x).^2 .* (x .> 0)", "1 - tanh(x)^2*(x > 0)"),
        ("e^(-x)/〖(1+e^(-x) )〗^2 + 〖sech〗^2 (x)", "exp(-x)/(1+exp(-x))^2 + sech(x)^2"),
        ("e^〖ax〗 + signum(x)", "exp(a*x) + sign(x)"),
        ("\\tanh \\frac{x}{2}", "tanh(x/2)"),
        ("\\frac{x}{2}\n-\n\\frac{a}{2}", "x/2 - a/2"),
        ("\\log_{2}(x) + \\log_10 x", "log(x, 2) + log(x, 10)"),
        (
            "\\left\\{ \\begin{array}{ll} 1 & x > 0 \\\\ 2 & x \\le 0 \\end{array} \\right.",
            "Piecewise((1, x > 0), (2, x <= 0))",
        ),
        (
            "\\begin{aligned} 1 & \\quad x > 0 \\\\ 2 & \\quad x \\le 0 \\end{aligned}",
            "Piecewise((1, x > 0), (2, x <= 0))",
        ),
    ],
)
def test_spellings(spelt: str, plain: str) -> None:
    """A formula means the same in every spelling that students use."""
    assert one(spelt, plain)


def test_a_symbol_theta_is_no_step() -> None:
    """Where theta is a letter of the question, `θ(x + 1)` is a product."""
    graph, names = Graph(), {"x": "real", "theta": "real"}

    assert parse("θ(x + 1)", graph, names).root == parse("theta*(x + 1)", graph, names).root


def test_a_symbol_e_is_no_exponential() -> None:
    """Where e is a letter of the question, `sin x e^2` is of all that stands there."""
    graph, names = Graph(), {"x": "real", "e": "real"}

    assert parse("sin x e^2", graph, names).root == parse("sin(x*e^2)", graph, names).root


X, A = sympy.symbols("x a", real=True)
STAIRS = sympy.Piecewise((2, sympy.ITE(X >= 1, X < 2, X < -1)), (A, True))
ROWS = sympy.Piecewise((sympy.Piecewise((A, X < -1), (X, True)), X < 0), (3, sympy.Eq(X, 0)), (A * X, True))
POINTS = [(Fraction(n, 7), Fraction(5, 3)) for n in range(-24, 25, 3)]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("√2x + √a e^(-x²)", sympy.sqrt(2) * X + sympy.sqrt(A) * sympy.exp(-(X**2))),
        ("cosh x e^x - sin 2x e^-x", sympy.cosh(X) * sympy.exp(X) - sympy.sin(2 * X) * sympy.exp(-X)),
        ("\\sqrt[3]a x", sympy.root(A, 3) * X),
        ("math.sqrt(math.pi)*np.e**x", sympy.sqrt(sympy.pi) * sympy.exp(X)),
        (str(STAIRS), STAIRS),
        (sympy.pycode(STAIRS), STAIRS),
        ("where((0 < x) & (x < oo), x, a)", sympy.Piecewise((X, X > 0), (A, True))),
        (sympy.latex(sympy.Heaviside(X - A) * X), sympy.Heaviside(X - A) * X),
        (sympy.pycode(sympy.sign(X - A) * X), sympy.sign(X - A) * X),
        (str(sympy.diff(X * sympy.Heaviside(X - A), X)), sympy.Heaviside(X - A)),
        (sympy.latex(ROWS), ROWS),
        ("1 if (x > 2 if x > 0 else x < -a) else 0", sympy.Piecewise((1, (X > 2) | (X < -A)), (0, True))),
    ],
)
def test_values_are_those_of_sympy(text: str, meant: sympy.Expr) -> None:
    """What is read has sympy's own value at every point."""
    graph, root = read(text)
    for x, a in POINTS:
        value = Precise(graph, [root]).at({"x": x, "a": a}, 30)[0]
        right = meant.subs({X: sympy.Rational(x), A: sympy.Rational(a)})
        assert abs(sympy.Float(str(value), 30) - sympy.N(right, 30)) < 1e-25


def test_a_choice_of_conditions_asks_only_what_it_chooses() -> None:
    """The branch that is not taken may be undefined; a condition so chosen is no number that needs a note."""
    graph, names = Graph(), {"x": "real"}
    found = parse("Piecewise((1, ITE(x > 0, log(x) < 1, False)), (0, True))", graph, names)

    assert not found.condition
    assert Precise(graph, [found.root]).at({"x": Fraction(-1)}, 30) == [0]


PIECES = [
    *"xa29.()[]{}+-*/^|,;<>=&_'eσ²۳\u200c",
    "**",
    "pi",
    "exp",
    "tanh(",
    "\\frac{",
    "}{",
    "⁻¹",
    "𝟙[",
    "1e9",
    "max(",
]
PIECES += ["√", "√[", "]{", "oo", "θ(", "\\frac ", "ITE(", "DiracDelta("]
PIECES += ["select([", "reduce(max, [", "piecewise(x>0,", "Piecewise[{{", "? ", ": ", "\n", "/"]
PIECES += [" then ", "s(x)", "⇒", "〖", "〗", ").pow(", "alpha=", "\n1 if x>0", "1[x=", "ᵃ", ".("]
PIECES += ["Piecewise((", "),(", "if ", " else ", "not ", "\\begin{cases}", "\\end{cases}", "\\\\"]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text(max_size=200))
def test_no_text_harms_the_reader(text: str) -> None:
    """Any text is a formula of bounded size or a refusal."""
    graph = Graph()
    with contextlib.suppress(FormulaError):
        parse(text, graph, NAMES)
    assert len(graph.nodes) <= 2 * MAX_NODES
