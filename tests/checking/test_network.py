"""What a network says about itself is proved, by the strongest way that applies; who lies is refused."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from grader.checking import ledger, proving
from grader.checking.bench import WRAP
from grader.checking.dry_run import dry_run
from grader.checking.handle import Layer, Row
from grader.checking.network import opened
from grader.checking.proving import prove, prove_all
from grader.sandbox.faults import Crashed, Refused
from grader.sandbox.submission import Line, OwnDesk, Proxy
from grader.sandbox.worker import import_file
from tests.workers import OpenHandIn

BLOCK = '''
import torch
from torch import nn

class Block(nn.Module):
    """Two branches side by side."""
    def __init__(self, channels=3):
        super().__init__()
        self.one = nn.Conv2d(channels, 4, 1)
        self.three = nn.Conv2d(channels, 4, 3, padding=1)

    def forward(self, x):
        if x.shape[2] < 3:
            raise ValueError("at least 3 x 3")
        return torch.cat([self.one(x), torch.relu(self.three(x))], 1)

def build(channels=3):
    return Block(channels)
'''
COUNT = 3 * 4 + 4 + 27 * 4 + 4


@pytest.fixture
def opens(hand_in: OpenHandIn, tmp_path: Path) -> Callable[..., Any]:
    """`opens(theirs, ours=...)`: the hand-in's proxy, its networks compared with those of our solution."""

    def open_both(theirs: str, ours: str = "") -> Any:
        path = tmp_path / "q1.py"
        path.write_text(textwrap.dedent(ours))
        solution = Proxy(Line(OwnDesk(import_file(path)), 30.0, WRAP))
        return hand_in(theirs, twin=lambda name, args, kwargs: getattr(solution, name)(*args, **kwargs)).proxy

    return open_both


def draw() -> np.random.Generator:
    return np.random.default_rng(7)


def images(*shape: int) -> Any:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


# -- honest networks -----------------------------------------------------------------------------------------------


def test_a_network_of_ones_own_agrees_with_ours(opens: Callable[..., Any]) -> None:
    """Branches, torch.cat and an `if` in forward are counted, and proved by the solution's outputs."""
    net = opens(BLOCK, BLOCK).build()

    assert net.count == net.count_all == COUNT
    assert prove(net.handle, draw()) == "agrees"


def test_a_network_of_another_shape_responds(opens: Callable[..., Any]) -> None:
    """Where ours is built otherwise, every tensor's noise shows in the outputs."""
    assert (
        prove(
            opens(BLOCK, BLOCK.replace("nn.Conv2d(channels, 4, 1)", "nn.Conv2d(channels, 5, 1)")).build().handle, draw()
        )
        == "responds"
    )
    assert prove(opens(BLOCK, "").build().handle, draw()) == "responds"


def test_a_unit_that_lies_dead_by_chance_hides_no_tensor(opens: Callable[..., Any]) -> None:
    """Behind a single ReLU half of all secret weights let nothing through: a network is drawn anew then."""
    narrow = """
        import torch
        class Narrow(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.first, self.second = torch.nn.Linear(2, 1), torch.nn.Linear(1, 2, bias=False)
            def forward(self, x):
                return self.second(torch.relu(self.first(x)))
        def build():
            return Narrow()
    """
    net = opens(narrow).build()

    for seed in range(10):
        assert prove(net.handle, np.random.default_rng(seed)) == "responds"


def test_torchs_own_layers_are_rebuilt(opens: Callable[..., Any]) -> None:
    """Sequentials of torch's layers are built here, with the same weights and the same outputs; names do not matter."""
    net = opens(
        """
        from collections import OrderedDict
        from torch import nn
        def build():
            return nn.Sequential(OrderedDict(
                first=nn.Conv2d(3, 8, 3), norm=nn.BatchNorm2d(8),
                rest=nn.Sequential(nn.ReLU(), nn.AdaptiveAvgPool2d(1)), flat=nn.Flatten(), head=nn.Linear(8, 10)))
        """
    ).build()

    assert net.count == 3 * 9 * 8 + 8 + 16 + 90
    assert net.shapes(images(2, 3, 8, 8))[-1] == ("", "Sequential", (2, 10))
    assert prove(net.handle, draw()) == "rebuilt"


def test_tied_tensors_count_once(opens: Callable[..., Any]) -> None:
    """Two layers with one weight have one weight; each keeps its row in the table."""
    net = opens(
        """
        from torch import nn
        def build():
            one, two = nn.Linear(4, 4), nn.Linear(4, 4)
            two.weight = one.weight
            return nn.Sequential(one, nn.ReLU(), two)
        """
    ).build()

    assert net.count == 16 + 4 + 4
    assert [(row.name, row.tied_to) for row in net.table] == [
        ("0.weight", ""),
        ("0.bias", ""),
        ("2.weight", "0.weight"),
        ("2.bias", ""),
    ]
    assert prove(net.handle, draw()) == "responds"


def test_frozen_tensors_do_not_train(opens: Callable[..., Any]) -> None:
    """`count` is of what trains, `count_all` of every parameter; running statistics are none."""
    net = opens(
        """
        from torch import nn
        def build():
            net = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
            net[0].requires_grad_(False)
            return net
        """
    ).build()

    assert (net.count, net.count_all) == (8 + 10, 20 + 8 + 10)
    assert prove(net.handle, draw()) == "rebuilt"


def test_lazy_layers_that_have_run_are_ordinary(opens: Callable[..., Any]) -> None:
    """A lazy layer is a layer once it has seen an input; before, the network is refused by a sentence that says so."""
    student = opens(
        """
        import torch
        from torch import nn
        def build(ready):
            net = nn.Sequential(nn.LazyLinear(3), nn.ReLU())
            if ready:
                net(torch.zeros(1, 5))
            return net
        """
    )

    with pytest.raises(Refused, match="lazy layers have not run yet"):
        student.build(False)
    net = student.build(True)
    assert net.count == 18
    assert prove(net.handle, draw()) == "rebuilt"


CERTAIN = """
from torch import nn
class Certain(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(2, 3, 3)
        self.head = nn.Linear(3 * 9 * 11, 1)
    def forward(self, x):
        return self.head(self.layer(x).flatten(1))
def build():
    return Certain()
"""


def test_the_checks_own_input_is_the_measure(opens: Callable[..., Any]) -> None:
    """A network for certain sizes alone is proved on those that the check has shown it, and on no others."""
    net = opens(CERTAIN).build()
    assert net(images(1, 2, 11, 13)).shape == (1, 1)

    assert prove(net.handle, draw()) == "responds"


def test_without_an_input_that_fits_nothing_is_proved(opens: Callable[..., Any]) -> None:
    """Where no check shows an input and no likely one fits, the sentence says so."""
    with pytest.raises(Refused, match="did not run on any input"):
        prove(opens(CERTAIN).build().handle, draw())


def test_several_outputs_are_compared_together(opens: Callable[..., Any]) -> None:
    """A network that gives a tuple, or a dict, is proved on all of it."""
    pair = BLOCK.replace(
        "torch.cat([self.one(x), torch.relu(self.three(x))], 1)", "self.one(x), {'b': self.three(x)[:, :2]}"
    )

    assert prove(opens(pair, pair).build().handle, draw()) == "agrees"
    assert prove(opens(pair, BLOCK).build().handle, draw()) == "responds"


def test_sizes_that_suit_both_are_found(opens: Callable[..., Any]) -> None:
    """The solution runs on any size and the student's on one: the proof is made on that one."""
    fixed = "if x.shape[2] != 64:\n            raise ValueError('64 x 64')"
    guard = 'if x.shape[2] < 3:\n            raise ValueError("at least 3 x 3")'

    assert prove(opens(BLOCK.replace(guard, fixed), BLOCK).build().handle, draw()) == "agrees"


def test_words_stay_within_the_vocabulary(opens: Callable[..., Any]) -> None:
    """Whole numbers are drawn from those that the check has shown: an embedding knows no others."""
    net = opens(
        """
        from torch import nn
        def build():
            return nn.Sequential(nn.Embedding(10, 4), nn.Flatten(), nn.Linear(12, 2))
        """
    ).build()
    net(np.array([[0, 4, 9], [9, 1, 2]]))

    assert prove(net.handle, draw()) == "responds"


def test_a_proof_leaves_the_network_as_it_was(opens: Callable[..., Any]) -> None:
    """Weights, mode and outputs are those from before."""
    net = opens(BLOCK, BLOCK).build()
    x = images(2, 3, 6, 6)
    before, weights = net(x), net.weights

    prove(net.handle, draw())

    assert np.array_equal(net(x), before)
    assert all(np.array_equal(value, weights[name]) for name, value in net.weights.items())


# -- networks that lie ---------------------------------------------------------------------------------------------

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
true_shapes = worker.StudentDesk.net_shapes
worker.StudentDesk.net_shapes = lambda self, net, request: [
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


# -- how checks meet networks --------------------------------------------------------------------------------------


def test_networks_whose_facts_were_read_are_proved(opens: Callable[..., Any]) -> None:
    """Reading a fact puts the network on the list; calling it does not. How it was proved is for the instructor."""
    student = opens(BLOCK, BLOCK)
    with opened() as networks, ledger.opened() as book:
        read, called = student.build(), student.build()
        called(images(1, 3, 4, 4))
        assert read.count == COUNT
        assert read.layers[0].type == "Block"
        assert (networks.given, networks.read) == ([read.handle, called.handle], [read.handle])
        prove_all(networks, draw())

    assert [line.endswith("proved: agrees") for line in book.details] == [True]


def test_what_a_handle_offers(opens: Callable[..., Any]) -> None:
    """Table, layers, weights to read and to set, both modes, shapes and predictions in batches."""
    net = opens(
        """
        from torch import nn
        def build():
            return nn.Sequential(nn.Dropout(0.5), nn.Linear(4, 2))
        """
    ).build()
    x = images(10, 4)

    assert net.table == [Row("1.weight", (2, 4), True, True, ""), Row("1.bias", (2,), True, True, "")]
    assert net.layers[2] == Layer("1", "Linear", {"in_features": 4, "out_features": 2, "bias": True}, True)
    assert net.shapes(x) == [("0", "Dropout", (10, 4)), ("1", "Linear", (10, 2)), ("", "Sequential", (10, 2))]
    net.load({"1.weight": np.eye(2, 4), "1.bias": np.zeros(2)})
    assert not np.array_equal(net.train()(x), x[:, :2])
    assert np.array_equal(net.eval()(x), x[:, :2])
    assert np.array_equal(net.predict(x, batch=3, threads=1, device=("cpu", 0), seconds=30.0), x[:, :2])
    assert repr(net) == "<Network 0: 3 modules>"


def test_a_scalar_tensor_counts_one(opens: Callable[..., Any]) -> None:
    """A tensor without axes is one number."""
    assert Row("scale", (), True, True, "").size == 1


def test_large_made_up_inputs_are_not_tried() -> None:
    """A layer that claims a trillion inputs is asked for none of them."""
    wide = (Layer("", "Linear", {"in_features": 10**12}, True),)
    odd = (Layer("", "Conv2d", {"in_channels": "three"}, True),)
    many = (Layer("", "Conv2d", {"in_channels": 192}, True),)

    assert list(proving._likely_shapes(wide)) == []
    assert list(proving._likely_shapes(odd)) == []
    assert list(proving._likely_shapes(many)) == [(192, side, side) for side in (32, 28, 64, 8)]


def test_weights_of_another_form_are_refused(opens: Callable[..., Any]) -> None:
    """A forged list where weights were asked is refused."""
    net = opens(FORGING + "\nworker.tensors_of = lambda net: [1, 2]").build("")

    with pytest.raises(Refused, match="does not do what it says"):
        prove(net.handle, draw())
