"""Tell cats from dogs with one output neuron or with two: choose, convert one into the other, train and compare.

Two classes leave a choice that ten do not: one neuron that says how much it leans to one side, or two that compete. On
paper they are the same model; whoever can prove that knows what to compare when the numbers of two runs differ.

Class 0 is the cat, class 1 the dog, throughout.

## Heads (q3a)

A head is a number of neurons, an activation and a loss. The activation is the one whose result the formula of the loss
takes, whether the network applies it or the loss does so itself, for numerical reasons. The losses, for a label y:

| word | formula |
|---|---|
| bce | binary cross-entropy of each neuron: `-log p` where its label is 1 and `-log(1 - p)` where it is 0 |
| cce | categorical cross-entropy: `-log p[y]` for a distribution p over all neurons |
| mse | the mean square of each neuron's difference to its label |

A single neuron's label is y itself; of two neurons the one at place y has the label 1 and the other 0.

## One neuron and two (q3b)

From d features x, two neurons make the logits `W x + b`, W: (2, d), b: (2,); softmax turns the logits z into
probabilities `exp(z[k]) / (exp(z[0]) + exp(z[1]))`. One neuron makes a single logit `w x + c`, w: (d,), c a number, and
its sigmoid, `1 / (1 + exp(-z))`, is the probability of class 1. For logits (1, 1 + log 3), softmax gives 1/4 and 3/4;
a single logit of log 3 gives the same 3/4 for class 1 (log is the natural logarithm).

## Three networks (q3c)

The networks are equal but for the head, and for 32 x 32 colour images each gives two scores a row, one for the cat and
one for the dog: the greater one is the answer. What the head's neurons give becomes scores like this:

| kind | last dense layer | scores (cat, dog) | trained with |
|---|---|---|---|
| one_sigmoid | 1 neuron, whose sigmoid p is the probability of the dog | (0.5, p) | the loss that belongs to it |
| two_softmax | 2 neurons, logits z0 and z1 | (z0, z1) | the loss that belongs to their softmax |
| one_linear | 1 neuron, output o, without activation | (0.5, o) | squared error to the label 0 or 1 |

So the single neuron stands against a threshold half way between the labels. Other scores, of which always the same one
is the greater, are as good.

## What to return

`head_options` returns a list of heads that fit, at least one with one neuron and one with two; further rows may be
added. `two_to_one` and `one_to_two` convert the weights, in float64, so that the probability of class 1 stays the same
for every x. `build_head` returns a fresh network of a kind, and `train_head` trains it in place and returns the mean
loss of each epoch, at least two of them. Only the network's parameters and buffers are carried from the training to the
measurement.

## What earns the points

In `head_options` both numbers of neurons count equally, each with the activation and the loss that likelihood asks for.
Each row that cannot work takes away half of what one of them earns; other rows that can work neither earn nor cost
anything. The conversions are compared to within 1e-12 in the probabilities. Of each kind the last dense layer must have
the right size, the losses must end below where they began, and the network must recognise cats and dogs that it has
never seen clearly better than a linear model does. The practice subset has 1,000 images, on which half a minute on one
core is meant; the whole of CIFAR-10 has 10,000 cats and dogs, on which two minutes are meant.

## References

- C. M. Bishop: *Pattern Recognition and Machine Learning*, Springer 2006, sections 4.2 and 4.3.
- A. Krizhevsky: *Learning multiple layers of features from tiny images*, University of Toronto, 2009: CIFAR-10.
"""

from typing import Literal, TypedDict

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

Kind = Literal["one_sigmoid", "two_softmax", "one_linear"]


class Head(TypedDict):
    """One output layer of q3a."""

    neurons: int
    activation: Literal["linear", "sigmoid", "softmax"]
    loss: Literal["bce", "cce", "mse"]


def head_options() -> list[Head]:
    """q3a: heads that fit two classes, at least one with one neuron and one with two.

    Each is a dict with the entries "neurons", "activation" and "loss".

    >>> sorted(head_options()[0])
    ['activation', 'loss', 'neurons']
    """
    # BEGIN SOLUTION
    # STUB # "activation": "linear", "sigmoid", "softmax"; "loss": "bce", "cce", "mse"
    # STUB return [
    # STUB     {"neurons": ..., "activation": ..., "loss": ...},
    # STUB     {"neurons": ..., "activation": ..., "loss": ...},
    # STUB ]
    return [
        {"neurons": 1, "activation": "sigmoid", "loss": "bce"},
        {"neurons": 2, "activation": "softmax", "loss": "cce"},
    ]
    # END SOLUTION


def two_to_one(W: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, float]:
    """q3b: the one neuron whose sigmoid is the probability of class 1 under the softmax of two.

    W: (2, d), b: (2,), float64. Returns (w, c), w: (d,) float64 and c a float.

    >>> w, c = two_to_one(np.zeros((2, 3)), np.zeros(2))
    >>> np.shape(w)
    (3,)
    """
    # BEGIN SOLUTION
    return W[1] - W[0], float(b[1] - b[0])
    # END SOLUTION


def one_to_two(w: np.ndarray, c: float) -> tuple[np.ndarray, np.ndarray]:
    """q3b: two neurons whose softmax gives class 1 the probability that the sigmoid of one gives it.

    w: (d,) float64, c: float. Returns (W, b), W: (2, d), b: (2,), float64. Many pairs are right; any will do.

    >>> W, b = one_to_two(np.zeros(3), 0.0)
    >>> np.shape(W), np.shape(b)
    ((2, 3), (2,))
    """
    # BEGIN SOLUTION
    return np.stack([0 * w, w]), np.array([0.0, c])
    # END SOLUTION


# BEGIN SOLUTION
class _Normalise(nn.Module):
    """Bytes to numbers around 0: uint8 is divided by 255 first, floats in [0, 1] are taken as they are."""

    def forward(self, x):
        x = x if x.is_floating_point() else x.float() / 255
        return (x - 0.47) / 0.25  # mean and spread of CIFAR-10's pixels


class _BothWays(nn.Module):
    """In evaluation the mean over an image and its mirror image: half the noise for a second look."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(x) if self.training else (self.net(x) + self.net(x.flip(3))) / 2


class _Against(nn.Module):
    """The output of one neuron beside a fixed threshold: (n, 1) to (n, 2)."""

    def __init__(self, threshold):
        super().__init__()
        self.threshold = threshold

    def forward(self, x):
        return torch.cat([torch.full_like(x, self.threshold), x], dim=1)


def _block(cin, cout, k=3, stride=1):
    """A convolution, batch normalisation, ReLU."""
    return nn.Sequential(nn.Conv2d(cin, cout, k, stride, k // 2, bias=False), nn.BatchNorm2d(cout), nn.ReLU())


def _loss(kind, scores, y):
    """Each kind's own loss, from the two scores."""
    if kind == "two_softmax":
        return F.cross_entropy(scores, y)
    if kind == "one_sigmoid":
        return F.binary_cross_entropy_with_logits(scores[:, 1], y.float())
    return F.mse_loss(scores[:, 1], y.float())


def _half_is_fast(device):
    """Whether bfloat16 pays: on every GPU that has it, and on CPUs whose vector units multiply it."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    return torch.cpu.get_capabilities().get("avx512_bf16", False) if hasattr(torch.cpu, "get_capabilities") else False


# END SOLUTION
def build_head(kind: Kind) -> nn.Module:
    """q3c: a fresh network of this kind, from images (n, 3, 32, 32) to scores (n, 2).

    uint8 images are divided by 255 inside the network, float32 images in [0, 1] are taken as they are. The last dense
    layer that runs is an nn.Linear with as many outputs as the kind's head has neurons. The network is complete when it
    is returned: training changes values, not layers.

    >>> net = build_head("one_sigmoid")
    >>> images = torch.randint(0, 256, (4, 3, 32, 32), dtype=torch.uint8)
    >>> tuple(net(images).shape)
    (4, 2)
    >>> net = net.eval()
    >>> torch.allclose(net(images), net(images.float() / 255), atol=1e-4)
    True
    """
    # BEGIN SOLUTION
    return _BothWays(
        nn.Sequential(
            _Normalise(),
            _block(3, 16, 5, 2),
            _block(16, 32),
            nn.MaxPool2d(2),
            _block(32, 64),
            nn.MaxPool2d(2),
            _block(64, 64),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(64, 2 if kind == "two_softmax" else 1),
            {"one_sigmoid": _Against(0.0), "two_softmax": nn.Identity(), "one_linear": _Against(0.5)}[kind],
        )
    )
    # END SOLUTION


def train_head(net: nn.Module, kind: Kind, X: torch.Tensor, y: torch.Tensor, seed: int) -> list[float]:
    """q3c: train `net` in place with the loss of its kind and return the mean loss of every epoch, two or more.

    net: a network from build_head(kind); X: (n, 3, 32, 32) uint8 and y: (n,) int64, 0 for a cat and 1 for a dog, both
    tensors on the device to be used; seed: fixes everything random here. No other images may be used, none are at hand.

    >>> X, y = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8), torch.arange(8) % 2
    >>> losses = train_head(build_head("two_softmax"), "two_softmax", X, y, seed=1)
    >>> len(losses) >= 2, all(isinstance(loss, float) for loss in losses)
    (True, True)
    """
    # BEGIN SOLUTION
    batch, peak, margin = 32, 0.05, 3
    epochs = 40 if len(X) <= 2_000 else 8  # about 40,000 and 80,000 images seen
    order = torch.Generator().manual_seed(seed)
    net.to(X.device, memory_format=torch.channels_last).train()
    padded = F.pad(X.float(), (margin,) * 4, mode="reflect").to(torch.uint8)
    optimizer = torch.optim.SGD(net.parameters(), lr=peak, momentum=0.9, nesterov=True, weight_decay=5e-3)
    steps = epochs * -(-len(X) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, total_steps=steps, cycle_momentum=False)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(X), generator=order).to(X.device).split(batch):
            down, right = torch.randint(0, 2 * margin + 1, (2,), generator=order).tolist()
            images = padded[rows, :, down : down + 32, right : right + 32]
            images[::2] = images[::2].flip(3)  # a shift a batch, and every other image mirrored
            with torch.autocast(X.device.type, torch.bfloat16, enabled=_half_is_fast(X.device)):
                scores = net(images)
            loss = _loss(kind, scores.float(), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(rows)
        losses.append(total / len(X))
    return losses
    # END SOLUTION
