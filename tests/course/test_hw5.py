"""Figures of homework 5 that the course states, against its solutions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from grader.checking.verifier import Verifier
from grader.course import find_course
from grader.records import Finding, Submission, Verdict
from tests.course.facts import figures
from tests.sample_course import ROOT

HW5 = find_course(ROOT).assignment("hw5")
MODULES = {
    "in lists, in another order, without a ReLU": """
class Inception(nn.Module):
    def __init__(self, cin, c1, r3, c3, r5, c5, pp):
        super().__init__()
        pooled = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(cin, pp, 1))
        five = nn.Sequential(nn.Conv2d(cin, r5, 1), nn.Conv2d(r5, c5, 5, padding="same"))
        three = nn.Sequential(nn.Conv2d(cin, r3, 1), nn.Conv2d(r3, c3, 3, padding="same"))
        self.branches = nn.ModuleList([pooled, five, three, nn.Conv2d(cin, c1, 1)])

    def forward(self, x):
        return torch.hstack([branch(x) for branch in reversed(self.branches)])
""",
    "tensors of its own, one ReLU over everything, zeros around the pooling": """
class Inception(nn.Module):
    def __init__(self, cin, c1, r3, c3, r5, c5, pp):
        super().__init__()
        shapes = [(c1, cin, 1), (r3, cin, 1), (c3, r3, 3), (r5, cin, 1), (c5, r5, 5), (pp, cin, 1)]
        self.w = nn.ParameterList(torch.randn(o, i, k, k) / (k * k * i) ** 0.5 for o, i, k in shapes)
        self.b = nn.ParameterList(torch.randn(o) for o, i, k in shapes)

    def laid_on(self, x, n):
        return F.conv2d(x, self.w[n], self.b[n], padding=self.w[n].shape[-1] // 2)

    def forward(self, x):
        three, five = (self.laid_on(F.relu(self.laid_on(x, n)), n + 1) for n in (1, 3))
        pooled = self.laid_on(F.max_pool2d(F.pad(x, (1, 1, 1, 1)), 3, 1), 5)
        return F.relu(torch.cat([self.laid_on(x, 0), three, five, pooled], 1))
""",
    "1 x 1 as matrix products, the pooling by hand": """
class Pointwise(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(cin, cout) / cin**0.5)
        self.bias = nn.Parameter(torch.randn(1, cout, 1, 1))

    def forward(self, x):
        return F.relu(torch.einsum("nchw,co->nohw", x, self.weight) + self.bias)


class Inception(nn.Module):
    def __init__(self, cin, c1, r3, c3, r5, c5, pp):
        super().__init__()
        self.a, self.d = Pointwise(cin, c1), Pointwise(cin, pp)
        self.b = nn.Sequential(Pointwise(cin, r3), nn.Conv2d(r3, c3, 3, padding=1))
        self.c = nn.Sequential(Pointwise(cin, r5), nn.Conv2d(r5, c5, 5, padding=2))

    def forward(self, x):
        windows = F.pad(x, (1, 1, 1, 1), value=-torch.inf).unfold(2, 3, 1).unfold(3, 3, 1)
        return torch.cat([self.a(x), self.b(x), self.c(x), self.d(windows.amax((-1, -2)))], 1)
""",
}


def test_the_figures_of_q3() -> None:
    """The official network: five counts, nine rows, and a total that the official key never adds up."""
    counts, rows, whole = figures(
        HW5.question("q3"),
        "(conv1d_params(), [tuple(r) if isinstance(r, (list, tuple)) else r for r in conv1d_shapes()], conv1d_total())",
    )  # type: ignore[misc]

    assert counts == {"conv1": 352, "conv2": 2592, "conv3": 10304, "dense1": 483456, "dense2": 645}
    assert whole == sum(counts.values()) == 497_349
    assert rows == [(498, 16), (249, 16), (245, 32), (122, 32), (118, 64), (59, 64), 3776, 128, 5]


def test_the_figures_of_q2() -> None:
    """The source's numbers: a quarter of each window, and the full convolution back."""
    assert figures(HW5.question("q2"), "(grad_filter(), grad_input())") == (
        [[2.5, 1.75], [1.25, -1.0]],
        [[0.5, 0.5, 0.0], [-0.25, 0.0, 0.25], [-0.75, -0.5, 0.25]],
    )


def test_the_figures_of_q1() -> None:
    """Closed forms: the growth beyond the threshold, and the steps out of the saddle."""
    grown, slow, saddle = figures(
        HW5.question("q1"),
        "(abs(gd_path(1.0, 2.1, 1.0, 50)[-1]), abs(gd_path(1.0, 1e-3, 1.0, 50)[-1]), "
        "[[escape_steps(opt, 0.1, (1.0, y)) for y in (1e-2, 1e-3, 1e-6, 0.0)] for opt in ('sgd', 'adam')])",
    )  # type: ignore[misc]

    assert (round(grown, 4), round(slow, 6)) == (117.3909, 0.951206)  # 1.1 ** 50 and 0.999 ** 50
    assert saddle == [[26, 38, 76, None], [11, 11, 11, None]]  # ceil(ln(1 / y) / ln 1.2)


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    started = Verifier(ROOT, "hw5", trusted=True, questions=[HW5.question("q7").id])
    yield started
    started.close()


FUSED = """
class Inception(nn.Module):
    def __init__(self, cin, c1, r3, c3, r5, c5, pp):
        super().__init__()
        self.widths = [c1, r3, r5]
        self.first = nn.Conv2d(cin, sum(self.widths), 1)
        self.three, self.five = nn.Conv2d(r3, c3, 3, padding=1), nn.Conv2d(r5, c5, 5, padding=2)
        self.pooled = nn.Conv2d(cin, pp, 1)

    def forward(self, x):
        one, three, five = self.first(x).relu().split(self.widths, 1)
        return torch.cat([one, self.three(three), self.five(five), self.pooled(F.max_pool2d(x, 3, 1, 1))], 1)
"""
ONE_TENSOR = """
class Inception(nn.Module):
    def __init__(self, cin, c1, r3, c3, r5, c5, pp):
        super().__init__()
        layers = [(cin, c1, 1), (cin, r3, 1), (r3, c3, 3), (cin, r5, 1), (r5, c5, 5), (cin, pp, 1)]
        self.many = nn.Parameter(torch.zeros(sum(i * o * k * k for i, o, k in layers) + c1 + r3 + c3 + r5 + c5 + pp))
        self.channels = c1 + c3 + c5 + pp

    def forward(self, x):
        return torch.zeros(len(x), self.channels, *x.shape[2:]) + x.sum() * self.many.sum()
"""


def findings(verifier: Verifier, part: str, added: str) -> list[Finding]:
    """What the checks of a part find in the solution with this after it."""
    source = HW5.question_of(part).source
    files = {source.name: f"{source.read_text(encoding='utf-8')}\n\n{added}".encode()}
    asked = [check for check in verifier.checks if check.part == part]

    verdict = verifier.grade(Submission("somebody", "", files), 0, only=asked)

    assert isinstance(verdict, Verdict), verdict
    return list(verdict.findings)


@pytest.mark.parametrize("form", MODULES)
def test_an_inception_module_of_any_form_is_right(verifier: Verifier, form: str) -> None:
    """What the statement leaves open is open: names, order, layers or calls, the layout of a matrix, ReLUs or none."""
    found = findings(verifier, "q7d", MODULES[form])

    assert [(finding.check.id, finding.message.en) for finding in found if finding.share != 1] == []


def test_one_convolution_may_do_for_those_that_read_the_same_input(verifier: Verifier) -> None:
    """A fused module has the parameters that were asked for; that its branches do not stand alone costs points."""
    found = {finding.check.id: finding for finding in findings(verifier, "q7d", FUSED)}

    assert found["test_inception_counts"].share == found["test_inception_keeps_the_size"].share == 1


def test_a_tensor_of_the_right_size_is_no_inception_module(verifier: Verifier) -> None:
    """A number of parameters is earned by the convolutions that have them: what adds them up counts for nothing."""
    found = {finding.check.id: finding for finding in findings(verifier, "q7d", ONE_TENSOR)}

    assert {name for name, finding in found.items() if finding.share} == {"test_inception_keeps_the_size"}
    assert found["test_inception_counts"].hints == ("tensors",)


def test_a_layer_without_parameters_may_stand_in_the_sequential_twice() -> None:
    """One ReLU and one pooling, each used twice, are the layers of the table."""
    added = """
def build_sequential(n_classes):
    relu, pool = nn.ReLU(), nn.MaxPool2d(2)
    first, second = nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)
    mean, head = nn.AdaptiveAvgPool2d(1), nn.Linear(32, n_classes)
    return nn.Sequential(first, relu, pool, second, relu, pool, mean, nn.Flatten(), head)
"""
    with closing(Verifier(ROOT, "hw5", trusted=True, questions=[HW5.question_of("q4b").id])) as verifier:
        found = findings(verifier, "q4b", added)

    assert [(finding.check.id, finding.message.en) for finding in found if finding.share != 1] == []


def test_copying_finds_the_layers_by_the_names_that_the_student_gave_them() -> None:
    """What `copy_weights` gets is the Sequential that the same student has built, blocks, names and all."""
    added = """
def build_sequential(n_classes):
    net = nn.Sequential()
    for name, cin, cout in (("low", 3, 16), ("high", 16, 32)):
        block = nn.Sequential(nn.Conv2d(cin, cout, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        net.add_module(name, block)
    net.add_module("mean", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    net.add_module("head", nn.Linear(32, n_classes))
    return net


class FunctionalNet(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.low, self.high = nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)
        self.head = nn.Linear(32, n_classes)

    def forward(self, x):
        for layer in (self.low, self.high):
            x = F.max_pool2d(F.relu(layer(x)), 2)
        return self.head(x.mean((2, 3)))


def copy_weights(seq, fun):
    fun.low.load_state_dict(seq.low[0].state_dict())
    fun.high.load_state_dict(seq.high[0].state_dict())
    fun.head.load_state_dict(seq.head.state_dict())
"""
    with closing(Verifier(ROOT, "hw5", trusted=True, questions=[HW5.question_of("q4c").id])) as verifier:
        found = [*findings(verifier, "q4b", added), *findings(verifier, "q4c", added)]

    assert [(finding.check.id, finding.message.en) for finding in found if finding.share != 1] == []
