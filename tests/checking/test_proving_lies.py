"""A network that says something else of itself than it does is refused, or proved another way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from grader.checking import proving
from grader.checking.dry_run import dry_run
from grader.checking.proving import prove
from grader.sandbox.faults import Crashed, Refused
from tests.checking.networks import BLOCK, COUNT, draw, images

UNUSED = """
import torch
from torch import nn
class Padded(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 2)
        self.more = nn.Parameter(torch.zeros(90))
    def forward(self, x):
        return {forward}
def build():
    return Padded()
"""


@pytest.mark.parametrize(
    ("forward", "sentence"),
    [
        ("self.layer(x)", "tensor more takes no part"),
        ("self.layer(x) + 0 * self.more.sum()", "tensor more takes no part"),
        ("self.layer(x) * float('nan')", "takes no part"),
        ("torch.zeros(len(x), 0)", "takes no part"),
        ("self.layer(x) + hash(__import__('os').urandom(8)) % 2**24", "does not do what it says"),
        ("[self.layer(x), 'text']", "does not do what it says"),
        ("{'out': self.layer(x), 'more': [3]}", "tensor more takes no part"),
    ],
)
def test_an_unused_tensor_of_the_right_size_is_refused(opens: Callable[..., Any], forward: str, sentence: str) -> None:
    """A tensor that only counts takes no part, though the outputs are made of nothing, of no numbers or of noise."""
    net = opens(UNUSED.format(forward=forward)).build()
    assert net.count == 100

    with pytest.raises(Refused, match=sentence):
        prove(net.handle, draw())


def test_honest_noise_is_no_lie(opens: Callable[..., Any]) -> None:
    """A network that draws from torch's generator in its forward is seeded, and can be proved."""
    net = opens(UNUSED.format(forward="self.layer(x) + self.more[:2] * torch.randn(2) + self.more.sum()")).build()

    assert prove(net.handle, draw()) == "responds"


def test_lying_methods_are_not_asked(opens: Callable[..., Any]) -> None:
    """`parameters()`, `named_parameters()`, `modules()` and `state_dict()` may say what they like."""
    net = opens(
        BLOCK
        + """
def nothing(self, *args, **kwargs):
    return iter([])
Block.parameters = Block.named_parameters = Block.modules = Block.children = nothing
Block.state_dict = lambda self, *args, **kwargs: {}
""",
        BLOCK,
    ).build()

    assert net.count == COUNT
    assert prove(net.handle, draw()) == "agrees"


TWISTED = """
from torch import nn
def build(how):
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    plain = net.forward
    if how == "forward":
        net.forward = lambda x: plain(x) + 1
    elif how == "hook":
        net.register_forward_hook(lambda layer, inputs, output: 2 * output)
    elif how == "inner hook":
        net[0].register_forward_pre_hook(lambda layer, inputs: (inputs[0] * 3,))
    elif how == "settings":
        net[0].in_features = 10 ** 12
    elif how == "bomb":
        net.append(nn.Unflatten(1, (2, 1, 1)))
        net.append(nn.AdaptiveAvgPool2d(1))
        net[4].output_size = (10 ** 5, 10 ** 5)
        plain = nn.Sequential(*net[:4])
        net[4].forward = lambda x: x
    elif how == "groups":
        net.append(nn.GroupNorm(1, 2))
        net[3].num_groups = 0
        net[3].forward = lambda x: x * net[3].weight + net[3].bias
    return net
"""


@pytest.mark.parametrize("how", ["forward", "hook", "inner hook", "settings", "bomb", "groups"])
def test_what_does_something_else_is_not_rebuilt(opens: Callable[..., Any], how: str) -> None:
    """A replaced forward, a hook, altered settings: what torch's layers would do is not what this does."""
    net = opens(TWISTED).build(how)
    net(images(3, 4))

    assert prove(net.handle, draw()) == "responds"
    assert prove(opens(TWISTED).build("plain").handle, draw()) == "rebuilt"


@pytest.mark.parametrize("limit", ["LONGEST", "BROADEST"])
def test_what_costs_too_much_is_not_rebuilt(
    opens: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """Time and memory of a rebuilt network are the verifier's: beyond either bound it is proved another way."""
    net = opens(TWISTED).build("plain")
    monkeypatch.setattr(proving, limit, 30)

    assert prove(net.handle, draw()) == "responds"


def vgg16() -> nn.Sequential:
    layers: list[nn.Module] = []
    channels = 3
    for width, times in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(times):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
            channels = width
        layers.append(nn.MaxPool2d(2))
    layers += [nn.AdaptiveAvgPool2d(7), nn.Flatten(), nn.Linear(25_088, 4096), nn.ReLU(), nn.Linear(4096, 1000)]
    return nn.Sequential(*layers)


SPREAD = nn.AdaptiveAvgPool2d((1, 10**6))  # a small output from which later layers make hours of work
ENDLESS = {  # none of them has more entries in an output than are allowed
    "pool": [nn.Conv2d(1, 1, 1, padding=(0, 4 * 10**5)), nn.AvgPool2d((1, 4 * 10**5), stride=1)],
    "pool of two axes": [nn.Conv2d(1, 1, 1, padding=800), nn.MaxPool2d(840, stride=1)],
    "adaptive pool": [nn.AdaptiveAvgPool2d((10**6, 1)), nn.AdaptiveMaxPool2d((1, 10**6))],
    "padding": [nn.Conv2d(1, 1, 1, stride=10**6, padding=10**6, padding_mode="replicate")],
    "many layers": [SPREAD, *[nn.Softmax(dim=2)] * 10**3],
}


@pytest.mark.parametrize("how", ENDLESS)
def test_what_would_take_hours_is_not_run_here(how: str) -> None:
    """Whatever a layer does with its settings, what it costs is known before; a large honest network is run."""
    with torch.device("meta"):
        large = vgg16()

    assert not proving._bearable(dry_run(nn.Sequential(*ENDLESS[how]), (4, 1, 32, 32)))
    assert proving._bearable(dry_run(large, (2, 3, 224, 224)))


FORGING = """
import copy, torch
from torch import nn
import grader.sandbox.describe as describing
import grader.sandbox.worker as worker

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 2)
        self.rest = nn.Linear(2, 2, bias=False)
    def forward(self, x):
        return self.rest(self.layer(x))

honest = describing.describe_network
how = ""

def forged(net, handles):
    told = copy.deepcopy(honest(net, handles))
    table, layers = told["table"], told["layers"]
    if how == "twice":
        table += [list(table[0])] * 5
    elif how == "hidden":
        del table[-1]
    elif how == "tied":
        table[-1][4] = "layer.weight"
    elif how == "larger":
        table[0][1] = (10 ** 6, 10 ** 6)
    elif how == "more":
        table.append(["ghost", (1000,), True, True, ""])
    elif how == "layer":
        layers[1][1], layers[1][2] = "Conv2d", {"kernel_size": (3, 3)}
    return told

worker.describe_network = describing.describe_network = forged

def build(lie):
    global how
    how = lie
    return Net()

def plain(lie):
    global how
    how = lie
    return nn.Sequential(nn.Linear(4, 2), nn.Linear(2, 2, bias=False))
"""


@pytest.mark.parametrize("lie", ["twice", "hidden", "tied", "larger", "more"])
def test_a_lying_table_is_refused(opens: Callable[..., Any], lie: str) -> None:
    """A table with a tensor twice, without one, tied or larger than it is, or made up: the weights themselves tell."""
    net = opens(FORGING).build(lie)
    assert net.count != 14

    with pytest.raises(Refused, match="does not do what it says"):
        prove(net.handle, draw())


@pytest.mark.parametrize("lie", ["twice", "hidden", "larger", "layer"])
def test_what_is_rebuilt_is_what_was_told(opens: Callable[..., Any], lie: str) -> None:
    """The rebuilt network must have the tensors and the layers of which the check was told."""
    net = opens(FORGING).plain(lie)
    net(images(2, 4))

    try:
        how = prove(net.handle, draw())
    except Refused:
        how = "refused"
    assert how != "rebuilt"
    assert prove(opens(FORGING).plain("").handle, draw()) == "rebuilt"


def test_shapes_that_were_told_are_part_of_the_proof(opens: Callable[..., Any]) -> None:
    """Shapes come from the student's process; a rebuilt network must have the same."""
    student = opens(
        FORGING
        + """
true_shapes = worker.StudentResponder.net_shapes
worker.StudentResponder.net_shapes = lambda self, net, request: [
    (path, kind, (1, 1)) for path, kind, _ in true_shapes(self, net, request)]
"""
    )
    net = student.plain("")
    assert net.shapes(images(3, 4))[-1] == ("", "Sequential", (1, 1))

    assert prove(net.handle, draw()) == "responds"


def test_who_dies_in_the_proof_is_told_so(opens: Callable[..., Any]) -> None:
    """The reason stays the reason: a network that ends its process under secret weights is told that it did."""
    net = opens(UNUSED.format(forward="self.layer(x) if self.more[0] == 0 else __import__('os')._exit(0)")).build()

    with pytest.raises(Crashed, match="exit status 0"):
        prove(net.handle, draw())


def test_a_tree_that_is_none_is_not_rebuilt(opens: Callable[..., Any]) -> None:
    """Whatever a forged tree holds, it is no fault of ours."""
    for tree in (
        "3",
        "{'type': 'Sequential', 'children': 7}",
        "{'type': 'Linear'}",
        "{'type': 'Sequential', 'children': []}",
    ):
        net = opens(FORGING + f"\nworker.dismantle = lambda net: {tree}").build("")

        assert prove(net.handle, draw()) == "responds"


def test_weights_of_another_form_are_refused(opens: Callable[..., Any]) -> None:
    """A forged list where weights were asked is refused."""
    net = opens(FORGING + "\nworker.tensors_of = lambda net: [1, 2]").build("")

    with pytest.raises(Refused, match="does not do what it says"):
        prove(net.handle, draw())
