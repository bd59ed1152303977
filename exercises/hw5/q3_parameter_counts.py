"""Count what a network holds before you build it: parameters and shapes, layer by layer.

Whoever can do this on paper finds the layer that eats the memory, and sees at once when a printed summary is wrong.

## The network (q3a)

Its input is a series of `length` time steps with `channels` values each. `GIVEN` holds the numbers:

| layer | what it does |
|---|---|
| conv1, conv2, conv3 | `filters[i]` one-dimensional filters of width `kernels[i]` with bias, then a ReLU |
| pool1, pool2, pool3 | after each convolution, the maximum over windows of `pool` steps |
| flatten | all numbers in one row |
| dense1, dense2 | fully connected with bias, `dense[0]` and then `dense[1]` units |

Convolutions have stride 1 and no padding. Pooling windows do not overlap; a rest shorter than a window is dropped.
A filter spans all channels of its input: `parameters = filters * channels * width + filters`. A convolution turns the
shape `(length, channels)` into `(length - width + 1, filters)`; pooling divides the length and rounds down.

## Two and three dimensions (q3b, bonus)

The same two rules hold along each axis. With stride `s` and padding `p` on both sides an axis of `n` entries becomes
`floor((n + 2 p - k) / s) + 1`.

## A worked example

A series of 21 steps with 2 channels meets 3 filters of width 4, a pooling of 2, flatten and 10 dense units.

- The convolution has `3 * 2 * 4 + 3 = 27` parameters and leaves `21 - 4 + 1 = 18` steps: `(18, 3)`.
- Pooling learns nothing and leaves `(9, 3)`; flatten makes `9 * 3 = 27` numbers of it.
- The dense layer has `27 * 10 + 10 = 280` parameters and leaves 10 numbers. All in all: `27 + 280 = 307`.

## What to return

Fill in the cells of `conv1d_params`, `conv1d_shapes` and `conv1d_total` for your own `GIVEN`, and write three functions
that count for any layer. Shapes leave the batch out and may be written `(length, channels)`, or `(channels, length)` as
PyTorch does, but one way throughout.

## What earns the points

Every cell of the two tables counts by itself. A number that follows rightly from an earlier slip of yours keeps most
of its points, and a slip that we recognise is named. The functions are tried on layers that are different for everyone.

## References

- V. Dumoulin, F. Visin: *A guide to convolution arithmetic for deep learning*, arXiv:1603.07285.
- D. Tran et al.: *Learning Spatiotemporal Features with 3D Convolutional Networks*, arXiv:1412.0767.
"""

GIVEN = {
    "length": 500,
    "channels": 7,
    "filters": [16, 32, 64],
    "kernels": [3, 5, 5],
    "pool": 2,
    "dense": [128, 5],
}


def conv1d_count(cin: int, cout: int, k: int, bias: bool = True) -> int:
    """q3a.params: the parameters of one one-dimensional convolution.

    cin channels go in, cout filters of width k come out; bias=False leaves the biases out.

    >>> conv1d_count(2, 3, 4)
    27
    """
    raise NotImplementedError("q3a.params: not written yet")


def conv1d_params() -> dict[str, int]:
    """q3a.params: how many parameters each layer of your network learns, worked out by hand.

    Returns the five layers that learn anything, by name.

    Each filter brings equally many:

    >>> conv1d_params()["conv1"] % GIVEN["filters"][0]
    0
    >>> conv1d_params()["dense2"] % GIVEN["dense"][1]
    0
    """
    return {
        "conv1": ...,
        "conv2": ...,
        "conv3": ...,
        "dense1": ...,
        "dense2": ...,
    }


def conv1d_shapes() -> list[tuple[int, int] | int]:
    """q3a.shapes: the shape after each of the nine layers of your network, without the batch, worked out by hand.

    A layer with one axis may be written n or (n,).

    Flattening loses nothing:

    >>> import numpy as np
    >>> rows = conv1d_shapes()
    >>> int(np.prod(rows[5])) == int(np.prod(rows[6]))
    True
    """
    return [
        (..., ...),  # conv1
        (..., ...),  # pool1
        (..., ...),  # conv2
        (..., ...),  # pool2
        (..., ...),  # conv3
        (..., ...),  # pool3
        ...,  # flatten
        ...,  # dense1
        ...,  # dense2
    ]


def conv1d_total() -> int:
    """q3a.total: how many parameters your whole network learns.

    >>> conv1d_total() == sum(conv1d_params().values())
    True
    """
    return ...


def conv_nd_params(cin: int, cout: int, kernel: tuple[int, ...]) -> int:
    """q3b: the parameters of a convolution with bias in two or three dimensions.

    kernel: its size along each axis, (kh, kw) or (kd, kh, kw).

    >>> conv_nd_params(1, 2, (3, 5))
    32
    >>> conv_nd_params(1, 2, (2, 3, 5))
    62
    """
    raise NotImplementedError("q3b: not written yet")


def conv_nd_shape(
    in_shape: tuple[int, ...], kernel: tuple[int, ...], stride: tuple[int, ...], padding: tuple[int, ...]
) -> tuple[int, ...]:
    """q3b: the size of the map that a convolution leaves, axis by axis.

    in_shape, kernel, stride and padding have one entry for each axis, (h, w) or (d, h, w), without batch and channels;
    padding is added on both sides. The kernel always fits.

    >>> conv_nd_shape((9, 8), (3, 3), (1, 2), (0, 1))
    (7, 4)
    """
    raise NotImplementedError("q3b: not written yet")
