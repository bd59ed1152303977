"""Train a network of three units for two epochs with pen and paper, then let a loop do the rest.

Every framework repeats what you do here: forward, backward, update. The network is so small that each number can be
followed by eye, and so a factor that is lost, or a weight that moves too early, shows at once.

## The network

It has two inputs `i = (i1, i2)`, two linear hidden units, one sigmoid output and six weights `w = (w1, ..., w6)`; there
are no biases. All of these are single numbers:

    h1 = w1 * i1 + w2 * i2
    h2 = w3 * i1 + w4 * i2
    z  = w5 * h1 + w6 * h2
    p  = 1 / (1 + exp(-z))
    L  = (y - p)^2

Note that the hidden units are linear: only the output has a sigmoid. The loss is the square as it stands, without a
half. An epoch is one forward pass, the gradient of `L` with respect to all six weights, and then one update of all of
them at once, `w <- w - lr * dL/dw`: no gradient sees a weight of the new epoch. Your numbers stand in `GIVEN` below.

The sigmoid has the derivative `dp/dz = p * (1 - p)`, and the chain rule leads on from there: `dL/dw5 = dL/dp * dp/dw5`
and `dL/dw1 = dL/dp * dp/dh1 * dh1/dw1`. Here `dp_dw5` stands for `dp/dw5`, and so on.

## A worked example

With `i = (1, 2)`, `w = (0.4, 0.3, -0.2, 0.5, 2, -1)`, `y = 0` and `lr = 0.5`:

- Forward: `h1 = 1`, `h2 = 0.8`, `z = 1.2`, `p = 0.768525`, `L = 0.590630`.
- Backward: `dL_dp = 2 * 0.768525 = 1.537050` and `dp/dz = 0.768525 * 0.231475 = 0.177894`, so `dp_dw5 = 0.177894` and
  `dp_dh1 = 0.355789`. From these `dL_dw5 = 0.273433` and `dL_dw1 = 0.546865`.
- Update: `w5 = 2 - 0.5 * 0.273433 = 1.863284` and `w1 = 0.4 - 0.5 * 0.546865 = 0.126567`.

Both shrink here, for the target is 0.

## What to return

Five forms for your `GIVEN`, cell by cell: the forward pass, the gradients and the weights of the first epoch, output
and weights of the second, and whether the network has converged, which means `L < 0.001`. The last one needs more
epochs than one writes down by hand; `train_tiny` does them for any such network.

## What earns the points

Every cell counts by itself. The table says how far from the exact value it may be; within the second distance it was
rounded too early and keeps three quarters. So carry seven decimals on and round at the end.

| value | right | rounded |
|---|---|---|
| h1, h2, z | 1e-9 | 0.000001 |
| p, in both epochs | 0.001 | |
| L | 0.00005 | 0.0001 |
| dL_dp, dp_dw5, dp_dw6 | 0.001 | |
| dp_dh1, dp_dh2 | 0.0005 | |
| dL_dw1 to dL_dw6 | 0.000005 | 0.0006 |
| weights after epoch 1 | 0.00005 | 0.0005 |
| weights after epoch 2 | 0.00005 | 0.0008 |
| epochs_to_1e-3 | 1 | |

A value that follows from an earlier slip of yours, within a millionth (in the second epoch 0.0001), keeps four fifths:
a slip costs once. A slip that we recognise keeps part of the points and is named. `epochs_to_1e-3` counts only beside
the right answer about convergence. `train_tiny` is tried on thirty networks that are different for everyone.

## References

- D. E. Rumelhart, G. E. Hinton, R. J. Williams: *Learning representations by back-propagating errors*, Nature 323
  (1986).
- I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*, MIT Press 2016, section 6.5.
"""

import math

GIVEN = {
    "i": [3, 5],
    "w": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
    "y": 1,
    "lr": 0.1,
}


def forward1() -> dict[str, float]:
    """q2a: the forward pass of the first epoch, worked out by hand for GIVEN.

    The cells agree with one another:

    >>> answer, w = forward1(), GIVEN["w"]
    >>> abs(w[4] * answer["h1"] + w[5] * answer["h2"] - answer["z"]) < 1e-6
    True
    >>> 0 < answer["p"] < 1
    True
    """
    return {
        "h1": ...,
        "h2": ...,
        "z": ...,
        "p": ...,
        "L": ...,
    }


def gradients1() -> dict[str, float]:
    """q2b: the derivatives of the first epoch, worked out by hand for GIVEN.

    Two weights that lead into the same unit differ only by what they are multiplied with:

    >>> answer, (i1, i2) = gradients1(), GIVEN["i"]
    >>> abs(answer["dL_dw1"] * i2 - answer["dL_dw2"] * i1) < 0.01
    True
    """
    return {
        "dL_dp": ...,
        "dp_dw5": ...,
        "dp_dw6": ...,
        "dp_dh1": ...,
        "dp_dh2": ...,
        "dL_dw1": ...,
        "dL_dw2": ...,
        "dL_dw3": ...,
        "dL_dw4": ...,
        "dL_dw5": ...,
        "dL_dw6": ...,
    }


def updated1() -> list[float]:
    """q2c: the weights w1 to w6 after the update of the first epoch, worked out by hand for GIVEN.

    Every weight has moved:

    >>> [new == old for new, old in zip(updated1(), GIVEN["w"], strict=True)].count(False)
    6
    """
    return [..., ..., ..., ..., ..., ...]


def epoch2() -> dict[str, float | list[float]]:
    """q2d: the second epoch, worked out by hand for GIVEN.

    p: the output of its forward pass, before its update; w: the weights w1 to w6 after its update.

    >>> answer = epoch2()
    >>> 0 < answer["p"] < 1, len(answer["w"])
    (True, 6)
    """
    return {
        "p": ...,
        "w": [..., ..., ..., ..., ..., ...],
    }


def converged() -> dict[str, bool | int]:
    """q2e: whether the network of GIVEN has converged.

    converged: whether `L < 0.001` with the weights that it has after two epochs; epochs_to_1e-3: after how many updates
    `L < 0.001` for the first time, with the same learning rate in all of them.

    >>> answer = converged()
    >>> answer["converged"] in (True, False), answer["epochs_to_1e-3"] > 0
    (True, True)
    """
    return {
        "converged": ...,  # True or False
        "epochs_to_1e-3": ...,
    }


def train_tiny(w0: list[float], i: list[float], y: int, lr: float, epochs: int) -> dict[str, list]:
    """q2f: any such network, trained for so many epochs.

    w0: the six weights to begin with; i: the two inputs; y: the target, 0 or 1; lr > 0; epochs >= 1. Returns three
    lists with one entry an epoch: "p" and "L" of its forward pass, so before its update, and "w", the six weights after
    its update. They are right to a millionth.

    >>> path = train_tiny([0.4, 0.3, -0.2, 0.5, 2.0, -1.0], [1.0, 2.0], 0, 0.5, 3)
    >>> len(path["p"]), len(path["L"]), len(path["w"]), len(path["w"][0])
    (3, 3, 3, 6)
    >>> round(float(path["p"][0]), 4), round(float(path["L"][0]), 4)
    (0.7685, 0.5906)
    >>> round(float(path["w"][0][0]), 4), round(float(path["w"][0][4]), 4)
    (0.1266, 1.8633)
    """
    raise NotImplementedError("q2f: not written yet")
