"""What a network says about itself is proved, by the strongest way that applies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.checking import proving
from grader.checking.handle import Layer
from grader.checking.proving import prove
from grader.sandbox.faults import Refused
from tests.checking.networks import BLOCK, COUNT, draw, images


def test_a_network_of_ones_own_agrees_with_ours(opens: Callable[..., Any]) -> None:
    """Branches, torch.cat and an `if` in forward are counted, and proved by the solution's outputs."""
    net = opens(BLOCK, BLOCK).build()

    assert net.count == net.count_all == COUNT
    assert prove(net.handle, draw()) == "agrees"


def test_a_network_of_another_shape_responds(opens: Callable[..., Any]) -> None:
    """Where ours is built otherwise, every tensor's noise shows in the outputs."""
    other = BLOCK.replace("nn.Conv2d(channels, 4, 1)", "nn.Conv2d(channels, 5, 1)")

    assert prove(opens(BLOCK, other).build().handle, draw()) == "responds"
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
    """Where no check shows an input and no likely one fits, the sentence says so, and to the author what to do."""
    with pytest.raises(Refused, match="did not run on any input") as caught:
        prove(opens(CERTAIN).build().handle, draw())
    assert "shows the network an input, by net(x) or net.shapes(x)" in caught.value.detail


def test_a_network_of_token_ids_is_proved_on_those_that_were_shown(opens: Callable[..., Any]) -> None:
    """Whole numbers, and none beyond the vocabulary that the check has shown."""
    ids = """
        from torch import nn
        def build():
            return nn.Sequential(nn.Embedding(9, 4), nn.Flatten(), nn.Linear(12, 2))
    """
    net = opens(ids).build()
    assert net.shapes(np.arange(9).reshape(3, 3))[-1][2] == (3, 2)

    assert net.count == 9 * 4 + 12 * 2 + 2
    assert prove(net.handle, draw()) == "responds"


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


def test_large_made_up_inputs_are_not_tried() -> None:
    """A layer that claims a trillion inputs is asked for none of them."""
    wide = (Layer("", "Linear", {"in_features": 10**12}, True),)
    odd = (Layer("", "Conv2d", {"in_channels": "three"}, True),)
    many = (Layer("", "Conv2d", {"in_channels": 192}, True),)

    assert list(proving._likely_shapes(wide)) == []
    assert list(proving._likely_shapes(odd)) == []
    assert list(proving._likely_shapes(many)) == [(192, side, side) for side in (32, 28, 64, 8)]
