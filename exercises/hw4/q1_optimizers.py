"""Write six optimisers yourself, each as one step, and find out where they part.

An optimiser turns gradients into steps, and the six below train nearly everything that is trained today. They are a few
lines each, so that what papers argue about can be seen with bare eyes: what is remembered, and what is divided by what.

## One step (q1a)

`p` holds the parameters and `g` the gradient of the loss there, arrays of the same shape. Everything is taken entry by
entry, products and squares too. What is remembered, `b`, `s`, `m` or `v`, has the shape of `p` and begins at zero; each
step first renews it and then moves `p`:

| name | renew | move |
|---|---|---|
| `sgd` | | `p <- p - lr * g` |
| `momentum` | `b <- momentum * b + g` | `p <- p - lr * b` |
| `nesterov` | `b <- momentum * b + g` | `p <- p - lr * (g + momentum * b)` |
| `adagrad` | `s <- s + g^2` | `p <- p - lr * g / (sqrt(s) + eps)` |
| `rmsprop` | `s <- alpha * s + (1 - alpha) * g^2` | `p <- p - lr * g / (sqrt(s) + eps)` |
| `adam` | `m <- b1 * m + (1 - b1) * g`, `v <- b2 * v + (1 - b2) * g^2` | `p <- p - lr * m' / (sqrt(v') + eps)` |

In Adam `m' = m / (1 - b1^t)` and `v' = v / (1 - b2^t)` in step `t = 1, 2, ...`: the averages begin at zero, and this
takes the start out of them (bias correction). `eps` is added outside of every root. These are the conventions of
`torch.optim`.

## The effective learning rate (q1b)

In the last three rows the learning rate is divided by something that differs from coordinate to coordinate and from
step to step. What the gradient (in Adam `m'`) is multiplied with in the end, `lr / (sqrt(s) + eps)` in AdaGrad, is
called the effective learning rate of the coordinate. A feature that is rarely present has a gradient of zero most of
the time, and it is here that AdaGrad treats it differently from a frequent one.

## Six statements (q1.choice)

Each is true or false of the methods as they stand in the table; `eps` is so small that it plays no part, and where
nothing else is said `lr` stays as it is.

- `adam_first_step_keeps_its_size`: if the loss is multiplied by 1000, Adam's first step stays as long as it was.
- `adagrad_rate_can_grow`: with AdaGrad, the effective learning rate of a coordinate can get larger again when its
  gradients have become smaller.
- `rmsprop_rate_can_grow`: the same, with RMSprop.
- `zero_momentum_is_sgd`: with `momentum = 0`, both `momentum` and `nesterov` take the steps of `sgd`.
- `adam_has_one_rate`: from Adam's second step on, all coordinates have the same effective learning rate, whatever their
  gradients were.
- `same_end`: where infinitely many weights bring a least-squares loss to zero, `sgd` and `adam` that start together and
  both get there always end at the same weights.

## A worked example

One parameter, `p = 2`, `lr = 0.1`, and the gradients 3 and then 1:

- `sgd`: 2, 1.7, 1.6.
- `momentum` with `momentum = 0.5`: `b` is 3 and then `1.5 + 1 = 2.5`, so 2, 1.7, 1.45.
- `nesterov` with `momentum = 0.5`: `b` is the same; the steps are `0.1 * (3 + 1.5)` and `0.1 * (1 + 1.25)`, so 2, 1.55,
  1.325.
- `adagrad` with `eps = 1`: `s` is 9 and then 10; the steps are `0.1 * 3 / (3 + 1)` and `0.1 * 1 / (sqrt(10) + 1)`, so
  2, 1.925, 1.9010 (rounded).

## What to return

`opt_step` returns the new parameters and the new state as a pair, `adagrad_lr` an array, and the form is filled with
True and False. All numbers are float64.

## What earns the points

Each of the six methods counts by itself. It takes fifty steps in a row, five times, with shapes, numbers and settings
that are different for everyone, and every point must agree with `torch.optim` to 1e-10. The rates of q1b must be right
to a millionth of their size. A slip that we recognise keeps part of the points and is named. `p` and `g` belong to the
caller: changing them in place costs a fifth. In the six statements a wrong answer takes back what a right one earned.

## References

- J. Duchi, E. Hazan, Y. Singer: *Adaptive Subgradient Methods for Online Learning and Stochastic Optimization*, JMLR
  12, 2011.
- A. C. Wilson, R. Roelofs, M. Stern, N. Srebro, B. Recht: *The Marginal Value of Adaptive Gradient Methods in Machine
  Learning*, NeurIPS 2017, arXiv:1705.08292.
"""

import numpy as np


def optimizer_facts() -> dict[str, bool]:
    """q1.choice: which of the six statements of the module's text are true.

    >>> sorted(type(answer).__name__ for answer in optimizer_facts().values()) == ["bool"] * 6
    True
    """
    return {
        "adam_first_step_keeps_its_size": ...,  # True or False
        "adagrad_rate_can_grow": ...,  # True or False
        "rmsprop_rate_can_grow": ...,  # True or False
        "zero_momentum_is_sgd": ...,  # True or False
        "adam_has_one_rate": ...,  # True or False
        "same_end": ...,  # True or False
    }


def opt_step(name: str, p: np.ndarray, g: np.ndarray, state: dict, **hp) -> tuple[np.ndarray, dict]:
    """q1a: one step of an optimiser.

    name: "sgd", "momentum", "nesterov", "adagrad", "rmsprop" or "adam". p, g: float64 arrays of the same shape, any
    shape; neither may be changed. state: what the last step of this run returned, and {} before the first; what you
    keep in it is up to you. hp: the settings that the method has, always by name and the same during a run:

    sgd: lr; momentum, nesterov: lr, momentum; adagrad: lr, eps; rmsprop: lr, alpha, eps; adam: lr, betas, eps, where
    betas is the pair (b1, b2).

    Returns the new parameters, float64 of the shape of p, and the new state.

    >>> p, state = opt_step("momentum", np.array([2.0]), np.array([3.0]), {}, lr=0.1, momentum=0.5)
    >>> p, state = opt_step("momentum", p, np.array([1.0]), state, lr=0.1, momentum=0.5)
    >>> bool(np.allclose(p, [1.45]))
    True
    >>> p, state = opt_step("nesterov", np.array([2.0]), np.array([3.0]), {}, lr=0.1, momentum=0.5)
    >>> bool(np.allclose(p, [1.55]))
    True
    >>> p, state = opt_step("adagrad", np.array([2.0]), np.array([3.0]), {}, lr=0.1, eps=1.0)
    >>> bool(np.allclose(p, [1.925]))
    True
    """
    raise NotImplementedError("q1a: not written yet")


def adagrad_lr(history: np.ndarray, lr: float, eps: float) -> np.ndarray:
    """q1b: the effective learning rate of each coordinate once AdaGrad has seen these gradients.

    history: (T, d) float64, T >= 1; row t is the gradient of step t. Returns (d,) float64, the numbers that the last
    row is multiplied with; a coordinate whose gradients were all zero has one too.

    >>> bool(np.allclose(adagrad_lr(np.array([[3.0], [1.0], [0.0]]), 0.1, 1.0), 0.1 / (10**0.5 + 1)))
    True
    """
    raise NotImplementedError("q1b: not written yet")
